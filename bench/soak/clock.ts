/** The wall's clock of this process is as far ahead as `setClock` says, in ms; what only goes forward stays as it is. */
const Real = Date
let ahead = 0

class Shifted extends Real {
  constructor(...given: [] | [number | string | Date]) {
    super(...((given.length === 0 ? [Shifted.now()] : given) as [number]))
  }

  static override now(): number {
    return Real.now() + ahead
  }
}
globalThis.Date = Shifted as DateConstructor

export function setClock(ms: number): void {
  ahead = ms
}
