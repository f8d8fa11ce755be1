import { parse } from 'yaml'
import { read } from './pages.ts'

export interface Step {
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly strategy?: { readonly matrix?: { readonly include?: readonly Readonly<Record<string, string>>[] } }
  readonly steps: readonly Step[]
}

export interface Workflow {
  readonly on: {
    readonly workflow_dispatch?: {
      readonly inputs?: Readonly<Record<string, { readonly options?: string[] }>>
    } | null
  }
  readonly jobs: Readonly<Record<string, Job>>
}

export const action = parse(read('action.yml')) as {
  readonly name: string
  readonly description: string
  readonly branding: { readonly icon: string; readonly color: string }
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>
  readonly outputs: Readonly<Record<string, unknown>>
}

export const uses = 'OWNER/ipfs-pin-mirror@v1'

/** What the secrets hold that are no token of one bucket. */
const secrets: Readonly<Record<string, string>> = {
  BUCKETS: 'photos=token-1\nvideos=token-2\ndocuments=token-3',
  HEARTBEAT_URL: 'https://monitor.example/ping/some-secret-word',
  BETTERSTACK_HEARTBEAT_URL: 'https://monitor.example/ping/some-secret-word',
  CLUSTER_AUTHORIZATION: 'basic:mirror:A-LONG-RANDOM-WORD',
  NODE_AUTHORIZATION: 'bearer:A-LONG-RANDOM-WORD',
}

/** The inputs of a step as a runner would set them on a schedule, `INPUT_…`: where no form was filled in. */
export function environmentOf(
  given: Readonly<Record<string, unknown>>,
  matrix: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const contexts = { matrix, secrets }
  const all = { buckets: 'photos=token-1', matrix: JSON.stringify(matrix), ...given }
  const filled = Object.entries(all).map(([name, value]) => [
    `INPUT_${name.toUpperCase()}`,
    String(value).replaceAll(/\$\{\{ (.+?) \}\}/g, (_, expression: string) => evaluate(expression, contexts)),
  ])
  return Object.fromEntries(filled)
}

/** So much of GitHub's expressions as the pages use. */
function evaluate(
  expression: string,
  { matrix, secrets }: Record<'matrix' | 'secrets', Readonly<Record<string, string>>>,
): string {
  const [, secret] = /^secrets\.(\w+)$/.exec(expression) ?? []
  if (secret !== undefined) return secrets[secret] ?? `token-of-${secret}`
  const [, key] = /^matrix\.(\w+)$/.exec(expression) ?? []
  if (key !== undefined && matrix[key] !== undefined) return matrix[key]
  const [, chosen] = /^secrets\[matrix\.(\w+)\]$/.exec(expression) ?? []
  if (chosen !== undefined) return `token-of-${matrix[chosen]}`
  const [, otherwise] = /^inputs\.[\w-]+(?: \|\| '(\w+)')?$/.exec(expression) ?? [undefined, undefined]
  if (/^inputs\./.test(expression)) return otherwise ?? ''
  throw new Error(`this expression is not known to the test: ${expression}`)
}
