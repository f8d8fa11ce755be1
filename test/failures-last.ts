import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** The length of what is said of one failure, in characters. */
const length = 300

/**
 * After all else, which tests failed, a line each: the log of a workflow in an error's message is longer than what is
 * kept of a build's output.
 */
export class FailuresLast implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap((module) => [
      ...module.errors().map(({ message }) => line(module.relativeModuleId, '', message)),
      ...[...module.children.allTests('failed')].map((test) =>
        line(module.relativeModuleId, test.fullName, reasonOf(test)),
      ),
    ])
    if (lines.length > 0) console.error(`${lines.length} failed:\n${lines.join('\n')}`)
  }
}

/** Of an error with a log before it, the end: there is what was expected. */
const reasonOf = (test: TestCase) =>
  test
    .result()
    .errors?.map(({ message }) => message)
    .join(' · ') ?? ''

function line(file: string, test: string, reason: string): string {
  const [first = '', ...more] = reason.trim().split('\n')
  const said = more.length === 0 ? first : `${first} … ${more.at(-1)}`
  return `  ${[file, test].filter(Boolean).join(' > ')}: ${said.slice(0, length)}`
}
