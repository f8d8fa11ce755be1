import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const read = async (path: string) => parse(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'))

test('the workflow that users copy gives the action inputs that it has, and all that it requires', async () => {
  const template = await read('.github/workflow-templates/ipfs-pin-mirror.yml')
  const inputs: Record<string, { required?: boolean }> = (await read('action.yml')).inputs
  const given = Object.keys(template.jobs.mirror.steps[0].with)

  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(given))
  // Nothing is offered that a run would refuse.
  expect(template.on.workflow_dispatch?.inputs?.direction?.options ?? ['backup']).toEqual([
    'backup',
    'update',
    'both',
  ])
  expect(given).toEqual(expect.arrayContaining(Object.keys(inputs).filter((name) => inputs[name]?.required)))
})
