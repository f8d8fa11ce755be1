import { expect, test } from 'vitest'
import type { Conclusion } from '../../src/report/report.ts'
import { headline } from '../../src/summary/headline.ts'
import { kinds } from './kinds.ts'
import type { Ran } from './mirror.ts'
import type { WrittenReport } from './written-report.ts'

/** What each kind comes to: its conclusion, its sign, its headline, and what a person has to do. */
const expected: Readonly<
  Record<
    string,
    {
      readonly conclusion: Conclusion
      readonly sign: string
      readonly says: RegExp
      readonly todo: readonly RegExp[]
    }
  >
> = {
  quiet: {
    conclusion: 'ok',
    sign: '✅',
    says: /^Up to date: the node has all 1,320 CIDs pinned in 11 buckets$/,
    todo: [],
  },
  busy: {
    conclusion: 'failed-pins',
    sign: '⚠️',
    says: /^300 CIDs were pinned; 12 could not be$/,
    todo: [/^Upload 3 CIDs again, or delete their requests/],
  },
  first: { conclusion: 'ok', sign: '✅', says: /^660 CIDs were pinned; nothing is missing$/, todo: [] },
  bad: {
    conclusion: 'error',
    sign: '❌',
    says: /^`curate-v2` could not be listed: its token is refused$/,
    todo: [
      /^Renew the token of curate-v2/,
      /^Make 2 new delegates known/,
      /^Give up 60 CIDs, or mend them/,
      /^Upload 7 CIDs again/,
    ],
  },
  'service-down': {
    conclusion: 'error',
    sign: '❌',
    says: /^None of the 11 buckets could be listed: \S+ cannot be reached$/,
    todo: [/^Check that this runner can reach endpoint/],
  },
  'node-down': {
    conclusion: 'error',
    sign: '❌',
    says: /^The node does not answer$/,
    todo: [/^Start the node, or correct node-url/],
  },
  'bad-input': {
    conclusion: 'error',
    sign: '❌',
    says: /^`buckets` is empty, and 2 more errors$/,
    todo: [/^Correct the workflow/],
  },
  'out-of-time': {
    conclusion: 'out-of-time',
    sign: '⏱️',
    says: /^Time ran out: (\d+ CIDs were pinned|nothing was pinned yet), \d+ are left for the next run$/,
    todo: [],
  },
  cancelled: { conclusion: 'cancelled', sign: '⏹️', says: /^Cancelled after 60 CIDs were pinned$/, todo: [] },
  dry: {
    conclusion: 'ok',
    sign: '🔎',
    says: /^Dry run: 60 CIDs would be pinned on the node, 9 would be sent to \S+, 5 would wait for their next try$/,
    todo: [],
  },
  inspect: {
    conclusion: 'ok',
    sign: '🔎',
    says: /^3 CIDs inspected: the node pins 1$/,
    todo: [],
  },
  update: {
    conclusion: 'failed-pins',
    sign: '⚠️',
    says: /CIDs? (was|were) pinned; \d+ could not be$/,
    todo: [],
  },
  both: { conclusion: 'ok', sign: '✅', says: /^72 CIDs were pinned; nothing is missing$/, todo: [] },
  verified: {
    conclusion: 'failed-pins',
    sign: '⚠️',
    says: /^1 pinned CID is broken on the node$/,
    todo: [/^Heal 1 CID with a corrupt block/],
  },
  drop: {
    conclusion: 'ok',
    sign: '⚠️',
    says: /^70 requests vanished from `court` since the last run$/,
    todo: [/^Say whether requests of court were deleted/],
  },
}

test.each(kinds)('$name: headline, counts, and what is to be done agree with the report', async (kind) => {
  await using mirror = await kind.start()
  const ran = await kind.run(mirror)
  const { report } = ran
  const { conclusion, sign, says, todo } =
    expected[kind.name] ?? expect.fail('of what is expected there is nothing')
  const said = headline(report)

  expect(report.conclusion).toBe(conclusion)
  expect(said).toMatch(says)
  // The same everywhere.
  expect(plain(ran.summary.split('\n', 1)[0] ?? '')).toBe(`## ${sign} ${said.replaceAll('`', '')}`)
  const fails = conclusion === 'error' || conclusion === 'cancelled'
  expect(ran.log.trimEnd().split('\n').at(-1)).toBe(fails ? `::error::${said}` : said)

  const todos = itemsOf(ran.summary, 'What needs you')
  expect(todos).toEqual(todo.map((one) => expect.stringMatching(one)))
  checkCounts(ran, report)
})

/** Every figure that the summary shows of CIDs is the report's. */
function checkCounts({ summary }: Ran, report: WrittenReport): void {
  const failed = [report.backup, report.update, report.verify].flatMap((one) => one?.failed ?? [])
  const inFolds = summary.matchAll(/^<details><summary><b>([\d,]+)[^<]* · .*(?:🔁|⛔)/gm)
  expect([...inFolds].reduce((sum, [, n]) => sum + numberIn(n), 0)).toBe(failed.length)
  const [, ofFailed] = /^### Failed(?: before)?: ([\d,]+) CID/m.exec(summary) ?? []
  expect(numberIn(ofFailed)).toBe(failed.length)

  const [, again] = /^- Tries (?:the other )?([\d,]+) CIDs? again/m.exec(summary) ?? []
  const corrupt = failed.filter((one) => one.class === 'corrupt-block').length
  const hopeless = failed.filter(({ retry }) => retry === 'never').length
  expect(numberIn(again)).toBe(report.dryRun ? 0 : failed.length - corrupt - hopeless)
  const [, givenUp] = /^1\. \*\*Give up ([\d,]+) CID/m.exec(summary) ?? []
  expect(numberIn(givenUp)).toBe(hopeless)
  const [, toHeal] = /^1\. \*\*Heal ([\d,]+) CID/m.exec(summary) ?? []
  expect(numberIn(toHeal)).toBe(corrupt)
  const [, mended] = /; ([\d,]+) CIDs? mended\.$/m.exec(summary) ?? []
  expect(numberIn(mended)).toBe(report.verify?.mended ?? 0)

  const shown = bucketRows(summary)
  if (report.inspect.length === 0)
    expect(shown.map(({ name }) => name).toSorted()).toEqual(
      report.buckets.map(({ name }) => name).toSorted(),
    )
  for (const { name, onNode, run } of shown) {
    const bucket = report.buckets.find((one) => one.name === name)
    const pinned = report.backup?.pinned.filter((one) => one.bucket === name).length ?? 0
    expect(numberIn(/\+([\d,]+)/.exec(run)?.[1])).toBe(pinned)
    if (bucket === undefined || bucket.listing.brokeOff || bucket.onNode === null) expect(onNode).toBe('–')
    else
      expect(onNode.replaceAll(/[*,]/g, '')).toBe(
        bucket.onNode + pinned === bucket.cids
          ? `all ${bucket.cids}`
          : `${bucket.onNode + pinned} of ${bucket.cids}`,
      )
  }
}

/** The table of buckets; a column that is left out is empty. */
function bucketRows(summary: string): { name: string; onNode: string; run: string }[] {
  const [, head = '', rows = ''] = /^\| (Bucket \|.*)\n\|.*\n((?:\| (?:✅|⚠️|❌).*\n)*)/m.exec(summary) ?? []
  const columns = head.split('|').map((one) => one.trim())
  return rows
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const cells = plain(row).slice(2).split('|')
      const cell = (name: string) =>
        (columns.includes(name) ? (cells[columns.indexOf(name)] ?? '') : '').trim()
      return {
        name: cell('Bucket').split('\u00a0')[1] ?? '',
        onNode: cell('On the node'),
        run: cell('This run'),
      }
    })
}

/** What the bold beginnings of a numbered list say, and what follows. */
function itemsOf(summary: string, title: string): string[] {
  const section = summary.split(`### ${title}\n\n`)[1]?.split('\n\n')[0] ?? ''
  return section
    .split('\n')
    .flatMap((line) => (line.startsWith('1. **') ? [plain(line.slice('1. **'.length))] : []))
}

function plain(markdown: string): string {
  return markdown
    .replaceAll(/<\/?(code|wbr)>|`/g, '')
    .replaceAll('&nbsp;', '\u00a0')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

function numberIn(text = '0'): number {
  return Number(text.replaceAll(',', ''))
}
