/** Why a file cannot be read, in words; `code` is that of the system's error. */
export function unreadableFile(code: string): string {
  switch (code) {
    case "ENOENT":
      return "there is no such file"
    case "EISDIR":
      return "this is a folder; a file is expected"
    case "EACCES":
    case "EPERM":
      return "this user may not read the file"
    default:
      return `the file cannot be read (${code})`
  }
}
