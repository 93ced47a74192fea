import { existsSync } from "node:fs"
import { basename } from "node:path"
import { type Day, recordFile, recordFilesIn } from "./day-files.ts"
import { type FileKind, shapes } from "./schema.ts"

/** Where it is while a newer version has the name. */
export const beside = (path: string, kind: FileKind): string => `${path}.v${shapes[kind].version}`

/** The file in which this version keeps what belongs into the one at `path`: that one, or one beside it while a newer version has the name. */
export function ownFile(path: string, kind: FileKind): string {
  const own = beside(path, kind)
  return existsSync(own) ? own : path
}

/** Days with a file of records that is not read: it was set aside, or is another version's. */
export function daysUnread(directory: string): ReadonlySet<Day> {
  const own = (day: Day) => basename(ownFile(recordFile(directory, day), "records"))
  return new Set(recordFilesIn(directory).flatMap(([day, name]) => (name === own(day) ? [] : [day])))
}
