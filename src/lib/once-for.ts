/** Remembers what was made of the latest value: configurations change seldom and are asked about with every call. */
export function onceFor<From, Made>(make: (from: From) => Made): (from: From) => Made {
  let latest: { readonly from: From; readonly made: Made } | undefined
  return (from) => {
    if (latest?.from !== from) latest = { from, made: make(from) }
    return latest.made
  }
}
