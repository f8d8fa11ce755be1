import { expect, test } from 'vitest'
import { day, hasPassed, hour, type Moment } from '../../../src/domain/moment.ts'

const at = (hours: number, service: number | null): Moment => ({
  here: hours * hour,
  service: service === null ? null : service * hour,
})

test.each<[string, Moment, Moment, boolean]>([
  ['both clocks say so', at(0, 0), at(24, 24), true],
  ['neither does', at(0, 0), at(23, 23), false],
  ['the service never told its clock', at(0, null), at(24, null), true],
  ['the service tells its clock only now', at(0, null), at(24, 7), true],
  ['the box’s clock jumped ahead', at(0, 0), at(9000, 1), false],
  ['the service’s clock jumped ahead', at(0, 0), at(1, 9000), false],
  ['the box’s clock was ahead, and was put back', at(9000, 0), at(30, 30), true],
  ['it was put back, and the day is not over', at(9000, 0), at(30, 3), false],
  ['it was put back, and the service tells nothing', at(9000, null), at(30, null), false],
  ['the service’s clock was ahead, and was put back', at(0, 9000), at(30, 30), true],
  ['the service’s was put back, and the day is not over', at(0, 9000), at(3, 30), false],
  ['the service’s is a second behind, as its answers tell whole ones', at(0, 0), at(30, -1 / 3600), false],
  ['the box’s is a little behind, and no day is over', at(0, 0), at(-0.5, 30), false],
  ['the box’s is just an hour behind', at(1, 0), at(0, 30), false],
  ['the box’s is more than an hour behind', at(1.01, 0), at(0, 30), true],
  ['few hours have passed since long after 1970', at(9000, 9000), at(9010, 9010), false],
  ['both were put back', at(9000, 9000), at(30, 30), false],
])('a day has passed where %s: %#', (_, since, now, passed) => {
  expect(hasPassed(day, since, now)).toBe(passed)
})
