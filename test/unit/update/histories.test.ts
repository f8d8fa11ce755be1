import fc from 'fast-check'
import { test } from 'vitest'
import { filebase } from '../../sandbox/pinning-service.ts'
import { UpdateBox } from './box.ts'
import { history } from './history.ts'
import { UpdateStory } from './story.ts'

/** How many histories every run of the tests checks. */
const histories = 500

test(`in ${histories} histories of lost, late and lying answers, kills and restarts, nothing is bought twice`, async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.integer(), async ({ pins, others, steps }, seed) => {
      // Finer than the tests are fast: what was asked for later has a later instant.
      const manners = { ...filebase, delegates: [], created: 'utc-milliseconds' as const }
      await using box = await UpdateBox.start({ manners, seed })
      const story = new UpdateStory(box, seed)
      story.begin({ pins, others })
      for (const step of steps) await story.run(step)
      await story.end()
    }),
    { numRuns: histories },
  )
}, 600_000)
