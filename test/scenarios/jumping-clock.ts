/**
 * Loaded before a program. Its wall clock jumps by CLOCK_STEP ms with every look, and by CLOCK_JUMP ms, once, on SIGUSR2:
 * the whole process has no other.
 */
const step = Number(process.env['CLOCK_STEP'] ?? 0)
let ahead = 0
let looks = 0
const RealDate = Date
const real = Date.now

class JumpingDate extends RealDate {
  constructor(...given: [] | [number | string]) {
    super(given.length === 0 ? now() : given[0])
  }
}

function now(): number {
  return real() + ahead + step * looks++
}

Date.now = now
JumpingDate.now = now
globalThis.Date = JumpingDate as DateConstructor
process.on('SIGUSR2', () => {
  ahead = Number(process.env['CLOCK_JUMP'] ?? 0)
})
