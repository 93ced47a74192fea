type Maybe<T> = { readonly [Name in keyof T]: T[Name] | undefined }

/** An object without the members whose value is undefined. */
export function present<T extends object>(members: Maybe<T>): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}
