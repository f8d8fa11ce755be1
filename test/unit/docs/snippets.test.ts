import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readEnvironment } from '../config/step.ts'
import { blocks, files, read } from './pages.ts'
import { action, environmentOf, type Step, uses, type Workflow } from './workflows.ts'

const examples = files('.yml').filter((path) => path.startsWith('examples/'))

/** What the action would say of the inputs that a step gives it. */
function problemsOf(given: Readonly<Record<string, unknown>>, matrix?: Readonly<Record<string, string>>) {
  const unknown = Object.keys(given).filter((name) => action.inputs[name] === undefined)
  const env = environmentOf(given, matrix)
  const reading = readEnvironment(env)
  return [...unknown.map((name) => `there is no input ${name}`), ...(reading.isGood ? [] : reading.problems)]
}

function expectGoodSteps(steps: readonly Step[], matrix?: Readonly<Record<string, string>>): void {
  const ours = steps.filter((step) => step.uses?.includes('ipfs-pin-mirror'))
  expect(ours.length).toBeGreaterThan(0)
  for (const step of ours) {
    expect(step.uses).toBe(uses)
    expect(step.with).toHaveProperty('buckets')
    expect(problemsOf(step.with ?? {}, matrix)).toEqual([])
  }
}

test('there are examples', () => {
  expect(examples).toContain('examples/backup.yml')
})

test.each(examples)(
  '%s: the action takes all inputs that it gives, and has the outputs that it reads',
  (path) => {
    const workflow = parse(read(path)) as Workflow
    for (const { strategy, steps } of Object.values(workflow.jobs))
      for (const matrix of strategy?.matrix?.include ?? [{}]) expectGoodSteps(steps, matrix)
    const outputs = [...read(path).matchAll(/steps\.mirror\.outputs\.([\w-]+)/g)].map(([, name]) => name)
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(outputs))
    const form = workflow.on.workflow_dispatch?.inputs ?? {}
    for (const direction of form['direction']?.options ?? []) {
      const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)
      const step = steps.find((one) => one.uses === uses)
      // The form has a field for what is needed then.
      const asked = form['target-bucket'] === undefined ? {} : { 'target-bucket': 'photos' }
      expect(problemsOf({ ...step?.with, ...asked, direction })).toEqual([])
    }
  },
)

test.each(examples)('%s is listed', (path) => {
  expect(read('examples/README.md')).toContain(`(${path.replace('examples/', '')})`)
})

const yaml = blocks('yaml').map((block) => [`${block.page}:${block.line}`, block] as const)

test('the README shows a workflow', () => {
  expect(yaml.map(([place]) => place).join()).toContain('README.md')
})

test.each(yaml)(
  'the YAML at %s is an example that is run, or steps or inputs that the action takes',
  (_, { text }) => {
    if (examples.some((path) => read(path) === text)) return
    const parsed: unknown = parse(text)
    if (Array.isArray(parsed)) {
      expectGoodSteps(parsed as Step[])
      const outputs = [...text.matchAll(/steps\.mirror\.outputs\.([\w-]+)/g)].map(([, name]) => name)
      expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(outputs))
      return
    }
    expect(parsed).not.toHaveProperty('jobs')
    // For Docker Compose.
    if (Object.hasOwn(parsed as object, 'services')) return
    // A part of a workflow that has nothing of the action's.
    if (
      Object.keys(parsed as object).every((key) => ['permissions', 'on', 'concurrency', 'env'].includes(key))
    )
      return
    expect(problemsOf(parsed as Record<string, unknown>)).toEqual([])
  },
)

test('what the Marketplace asks of an action', () => {
  expect(action.name.length).toBeLessThanOrEqual(50)
  expect(action.description.length).toBeLessThan(125)
  expect(action.branding).toEqual({ icon: 'refresh-cw', color: 'blue' })
})
