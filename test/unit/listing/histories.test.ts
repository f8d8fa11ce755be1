import fc from 'fast-check'
import { test } from 'vitest'
import { filebase } from '../../sandbox/pinning-service.ts'
import { BucketUnderTest } from './bucket-under-test.ts'
import { Checks } from './checks.ts'
import { history } from './history.ts'
import { lyingManners, manners } from './services.ts'
import { Story, type Told } from './story.ts'

/** How many histories every run of the tests checks. */
const histories = 500

/** And how many of services that lie. */
const lyingHistories = 60

const quiet = { during: [], full: false, killedAt: undefined }

test(`after each listing of ${histories} histories, the snapshot agrees with the service, of whatever manner, and proves it`, async () => {
  await fc.assert(
    fc.asyncProperty(manners, history, fc.integer(), async (varied, steps, seed) => {
      // Without delegates, which are most of an answer.
      const service = { ...filebase, delegates: [], ...varied }
      await using under = await BucketUnderTest.start(service, seed)
      const story = new Story(under, seed)
      const checks = new Checks(under, service)
      const list = async (step: Parameters<Story['list']>[0]): Promise<Told> => {
        const told = await story.list(step)
        checks.check(told)
        return told
      }
      for (const step of steps) {
        for (const event of step.before) story.happens(event)
        const { result, isDisturbed } = await list(step)
        if (result !== undefined && isDisturbed) await list(quiet)
      }
      // The last run may have been killed.
      await list(quiet)
      checks.checkUnchanged(await list(quiet))
    }),
    { numRuns: histories },
  )
}, 300_000)

test(`no listing of ${lyingHistories} histories of services that lie is called complete, or believes a request gone or there that is not`, async () => {
  await fc.assert(
    fc.asyncProperty(lyingManners, history, fc.integer(), async (varied, steps, seed) => {
      const service = { ...filebase, delegates: [], ...varied }
      await using under = await BucketUnderTest.start(service, seed)
      const story = new Story(under, seed)
      const checks = new Checks(under, service)
      for (const step of steps) {
        for (const event of step.before) story.happens(event)
        checks.checkLying(await story.list(step))
      }
    }),
    { numRuns: lyingHistories },
  )
}, 300_000)
