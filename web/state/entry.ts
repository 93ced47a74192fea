/** Set on the way in and taken away inside: found at the door, it means that the way in did not work. */
const key = "gantry-entering"

export const isEntering = (): boolean => sessionStorage.getItem(key) !== null
export const endEntering = (): void => sessionStorage.removeItem(key)

/** To the same address, without its fragment, which would be a jump within this page. */
export function enter(): void {
  sessionStorage.setItem(key, "1")
  location.replace(location.pathname + location.search)
}
