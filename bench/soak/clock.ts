/** Loaded before a program: its wall clock is as far ahead as `CLOCK_AHEAD` says, in ms; `setClock` sets it further. */
const Real = Date
let ahead = Number(process.env['CLOCK_AHEAD'] ?? 0)

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
