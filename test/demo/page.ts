import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

export type Theme = 'light' | 'dark' | 'auto'

/** A summary as GitHub shows it, in a page of its own that needs nothing else. */
export function pageOf(
  markdown: string,
  options: { readonly title: string; readonly theme: Theme; readonly css?: string },
): string {
  const { title, theme, css = '' } = options
  const name = { auto: 'github-markdown', light: 'github-markdown-light', dark: 'github-markdown-dark' }[
    theme
  ]
  const path = fileURLToPath(import.meta.resolve(`github-markdown-css/${name}.css`))
  const html = micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  })
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
${css}
${readFileSync(path, 'utf8')}
${column}
</style>
<article class="markdown-body">
${html}
</article>
</html>
`
}

/** GitHub's column for a job's summary: at most 1,012 px wide. */
const column = `
body { margin: 0; }
.markdown-body { box-sizing: border-box; min-height: 100vh; padding: 24px max(16px, calc((100% - 1012px) / 2)); }`
