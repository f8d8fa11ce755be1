import { expect, test } from 'vitest'
import { type PinRequest, type Status, statuses } from '../../../src/domain/pin.ts'
import { ShownStatuses, unsettled } from '../../../src/listing/manners/statuses.ts'
import { pageOf } from '../../../src/service/answers.ts'

const request = (status: Status): PinRequest => ({
  requestid: status,
  status,
  created: 1000,
  cid: 'x',
  name: null,
  delegates: [],
  meta: null,
  failureReason: null,
  size: null,
})

const nothing = {
  isMiddleShown: false,
  areSeveralShown: false,
  areUnsettledAsked: false,
  isStrangeShown: false,
}

type Seen = readonly [asked: readonly Status[], shown: readonly Status[]]

test.each<[string, readonly Seen[], Partial<typeof nothing>]>([
  ['no answer', [], {}],
  ['none of all', [[statuses, []]], {}],
  ['the first of all', [[statuses, ['queued']]], {}],
  ['the last of all', [[statuses, ['failed']]], {}],
  ['the second of all', [[statuses, ['pinning']]], { isMiddleShown: true }],
  ['the third of all', [[statuses, ['pinned', 'pinned']]], { isMiddleShown: true }],
  ['two of all', [[statuses, ['queued', 'failed']]], { areSeveralShown: true }],
  [
    'two of all, in two answers',
    [
      [statuses, ['pinned']],
      [statuses, ['failed']],
    ],
    { isMiddleShown: true, areSeveralShown: true },
  ],
  ['those that are not settled', [[unsettled, ['queued', 'pinning']]], { areUnsettledAsked: true }],
  ['none of those', [[unsettled, []]], { areUnsettledAsked: true }],
  [
    'another than was asked for',
    [[unsettled, ['pinned']]],
    { areUnsettledAsked: true, isStrangeShown: true },
  ],
  [
    'another, before those that were asked for',
    [[unsettled, ['pinned', 'queued']]],
    { areUnsettledAsked: true, isStrangeShown: true },
  ],
])('what answers show of statuses: %s', (_, seen, expected) => {
  const shown = new ShownStatuses()
  for (const [asked, of] of seen)
    shown.see(asked, pageOf({ requests: of.map(request), odd: [], moreOdd: 0 }, of.length))
  const { isMiddleShown, areSeveralShown, areUnsettledAsked, isStrangeShown } = shown
  expect({ isMiddleShown, areSeveralShown, areUnsettledAsked, isStrangeShown }).toEqual({
    ...nothing,
    ...expected,
  })
})
