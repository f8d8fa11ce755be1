import fc from 'fast-check'
import { test } from 'vitest'
import { filebase } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'
import { Checks } from './checks.ts'
import { history } from './history.ts'
import { services } from './services.ts'
import { Story, type Told } from './story.ts'

/** How many histories every run of the tests checks. */
const histories = 500

const quiet = { during: [], full: false, killedAt: undefined }

test(`after each listing of ${histories} histories, the snapshot agrees with the service, of whatever manner, and proves it; or says that it cannot`, async () => {
  await fc.assert(
    fc.asyncProperty(services, history, fc.integer(), async ({ manners, lies, oddRows }, steps, seed) => {
      // Without delegates, which are most of an answer.
      const service = { ...filebase, delegates: [], ...manners }
      await using under = await BucketUnderTest.start(service, seed)
      under.bucket.odd = ({ tie }) => (tie % 9 === 0 ? oddRows : undefined)
      const story = new Story(under, seed)
      const checks = new Checks(under, service)
      const isBelievable = !lies && oddRows === undefined
      const list = async (step: Parameters<Story['list']>[0]): Promise<Told> => {
        const told = await story.list(step)
        if (isBelievable) checks.check(told)
        else checks.checkUnbelievable(told)
        return told
      }
      for (const step of steps) {
        for (const event of step.before) story.happens(event)
        const { result, isDisturbed } = await list(step)
        if (result !== undefined && isDisturbed) await list(quiet)
      }
      // The last run may have been killed.
      await list(quiet)
      const last = await list(quiet)
      if (isBelievable && last.result !== undefined) checks.checkUnchanged(last)
    }),
    { numRuns: histories },
  )
}, 600_000)
