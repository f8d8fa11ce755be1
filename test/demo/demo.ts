/**
 * The action at work, without a network: `npm run demo`, or `npm run demo -- --ipfs` with a real, throwaway node. With
 * `--open` it ends in the browser.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { type Issue, startGitHub } from '../sandbox/github.ts'
import { findIpfs, realNode } from './ipfs.ts'
import { indent, section, terminalText } from './markdown.ts'
import { sandboxNode } from './node.ts'
import { openInBrowser } from './open-in-browser.ts'
import { pageOf } from './page.ts'
import { type JobResult, Runner } from './runner.ts'
import { Scene, tokens } from './scene.ts'

const { values: options } = parseArgs({
  options: { ipfs: { type: 'boolean', default: false }, open: { type: 'boolean', default: false } },
})
const ipfs = findIpfs()
const width = Math.min(process.stdout.columns ?? 120, 120)

title('IPFS Pin Mirror: what two runs of it look like')
await using node = options.ipfs ? await realNode(neededIpfs()) : await sandboxNode()
await using scene = await Scene.set(node)
await using github = await startGitHub({ token: 'ghs_tokenOfTheDemoRun' })
const runner = new Runner(github)
const inputs = {
  endpoint: scene.service.url,
  buckets: Object.entries(tokens)
    .map((bucket) => bucket.join('='))
    .join('\n'),
  'node-url': node.url,
  delegates: scene.delegates.join('\n'),
  'snapshot-dir': runner.box,
  'stall-timeout': '3s',
  // Some of what is pinned is enough to show that it is read again.
  'verify-time': '4s',
  attempts: '2',
}

say(`
On this machine, for as long as the demo runs:
- a pinning service with the manners of Filebase, 4 buckets and ${count(scene.requests)} pin requests of two years
- ${node.is}, which has most of that and some pins of its own
- the API of GitHub, for the tracking issue
The action is started as a runner starts it: the bundle in dist/, with its inputs, then its post step.
`)
if (options.ipfs) say('The node is offline, so it connects to none of the delegates, and says so.')
else if (ipfs !== undefined)
  say(`There is an ipfs on your PATH. To use it: npm run demo -- --ipfs
(It gets a repository of its own in a temporary folder; yours is not touched.)`)

title('1. The first run, on a schedule: everything is listed')
const first = await runner.run({ event: 'schedule', inputs }, console.log)
tellEnd(first)

title('2. Its job summary')
console.log(terminalText(first.summary, width))

title('3. The issue it opened')
const [issue] = github.issues
if (issue === undefined) throw new Error('the first run opened no issue')
showIssue(issue)

title('4. An hour later, started by hand')
await scene.hourLater()
say(`
Meanwhile: four uploads, one upload that the service has finished, one request deleted, and one of the files that
nobody had can be had again. A run by hand also tries what would rest longer.
`)
const second = await runner.run({ event: 'workflow_dispatch', inputs }, console.log)
tellEnd(second)

title('5. What its job summary says of the buckets now')
console.log(terminalText(section(second.summary, 'Buckets'), width))

title('6. The comment on the issue')
for (const { author, body } of issue.comments) {
  console.log(`${styleText('bold', author)} commented on #${issue.number} (${issue.state}):\n`)
  console.log(indent(terminalText(body, width - 2), '  '))
}
say(`
The deleted request is gone from the listing; its pin stays on the node, for the mirror never unpins.
All of this ran in temporary folders, which are removed now.
`)

title('7. The first run’s job summary, as GitHub shows it')
const page = join(import.meta.dirname, '../../build/demo/summary.html')
await mkdir(dirname(page), { recursive: true })
await writeFile(page, pageOf(first.summary, { title: 'IPFS Pin Mirror: a job summary', theme: 'auto' }))
say(`It is in ${page}`)
if (options.open) await openInBrowser(page)
else say('With `npm run demo -- --open` it opens in your browser.')
if (!first.succeeded || !second.succeeded) process.exitCode = 1

function neededIpfs(): string {
  if (ipfs !== undefined) return ipfs
  console.error('There is no `ipfs` on your PATH. Without --ipfs the demo uses a node of its sandbox.')
  process.exit(1)
}

function tellEnd({ outputs, seconds, succeeded }: JobResult): void {
  const { conclusion, missing, pinned, failed } = outputs
  say(`
The job ${succeeded ? 'passed' : 'failed'} after ${seconds.toFixed(1)} s. Conclusion: ${conclusion}. Missing: ${missing}, pinned: ${pinned}, failed: ${failed}.
Requests to the service, all buckets together: ${scene.takeRequests()}.
`)
}

function showIssue({ number, title, state, labels, body }: Issue): void {
  console.log(`${styleText('bold', `#${number} ${title}`)}\n${state}, labels: ${labels.join(', ')}\n`)
  console.log(indent(terminalText(body ?? '', width - 2), '  '))
}

function title(text: string): void {
  console.log(`\n${styleText(['bold', 'cyan'], text)}\n${styleText('cyan', '─'.repeat(text.length))}`)
}

function say(text: string): void {
  console.log(`\n${text.trim()}\n`)
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
