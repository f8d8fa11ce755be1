/**
 * Makes pictures of what people see after every kind of run: `npm run pictures -- FOLDER [KIND…]`. Each kind is really
 * run, against the sandbox, and its summary is shown as GitHub shows it: light and dark, 1280 and 400 pixels wide.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderSummary } from '../../src/summary/summary.ts'
import { pageOf } from '../../test/demo/page.ts'
import { kinds } from '../../test/scenarios/kinds.ts'
import type { Mirror, Ran } from '../../test/scenarios/mirror.ts'
import type { WrittenReport } from '../../test/scenarios/written-report.ts'
import { openBrowser } from './browser.ts'

const [folder, ...names] = process.argv.slice(2)
if (folder === undefined) throw new Error('name the folder for the pictures')
mkdirSync(folder, { recursive: true })

await using browser = await openBrowser()
for (const { name, start, run } of kinds) {
  if (names.length > 0 && !names.includes(name)) continue
  await using mirror = await start()
  const ran = await run(mirror)
  const summary = asAtHome(ran, mirror)
  writeFileSync(join(folder, `${name}.md`), summary)
  for (const theme of ['light', 'dark'] as const) {
    const html = pageOf(summary, { title: name, theme, css: browser.css })
    // Small enough for the repository.
    await browser.shoot(html, { path: join(folder, `${name}-${theme}.webp`), width: 900, most: 700 })
    for (const width of [1280, 400]) {
      const path = join(folder, `${name}-${theme}-${width}.png`)
      const { height, widest } = await browser.shoot(html, { path, width })
      if (theme === 'light') console.log(`${name} ${width}: ${height} px high, the widest table ${widest} px`)
    }
  }
}

/** The same run, had it been at Filebase, with a node at Kubo's own address, and with runs before it. */
function asAtHome(ran: Ran, mirror: Mirror): string {
  const text = JSON.stringify(ran.report)
    .replaceAll(mirror.service.origin, 'https://api.filebase.io')
    .replaceAll(new URL(mirror.service.origin).host, 'api.filebase.io')
    .replaceAll(mirror.node.url, 'http://127.0.0.1:5001')
    // What the system says of a connection names no scheme.
    .replaceAll(new URL(mirror.node.url).host, '127.0.0.1:5001')
  const report = { ...(JSON.parse(text) as WrittenReport), service: 'Filebase' }
  const number = Number(ran.outputs['issue-number'])
  const issue = number === 0 ? null : { number, url: `https://github.com/octo/mirror/issues/${number}` }
  return renderSummary({ ...report, history: longer(report.history) }, { issue })
}

/** As many runs as are remembered, though only the last of them were run here. */
function longer(history: WrittenReport['history']): WrittenReport['history'] {
  const [first] = history
  if (history.length < 2 || first === undefined) return history
  return [...Array.from({ length: 10 - history.length }, () => first), ...history]
}
