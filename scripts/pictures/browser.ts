import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const modules = fileURLToPath(new URL('node_modules', import.meta.url))

/** What is used of a page of puppeteer-core, which is installed only where pictures are made. */
interface BrowserPage {
  setViewport(view: { width: number; height: number; deviceScaleFactor: number }): Promise<void>
  setContent(html: string, options: { waitUntil: 'load' }): Promise<void>
  evaluate<T>(script: string): Promise<T>
  screenshot(options: {
    path: string
    quality?: number
    clip: { x: 0; y: 0; width: number; height: number }
  }): Promise<unknown>
  close(): Promise<void>
}

interface Modules {
  readonly puppeteer: {
    launch(options: { args: string[]; executablePath: string; headless: 'shell' }): Promise<{
      newPage(): Promise<BrowserPage>
      close(): Promise<void>
    }>
  }
  readonly chromium: { readonly args: string[]; executablePath(): Promise<string> }
}

export interface Browser extends AsyncDisposable {
  /** The fonts that GitHub's style asks for, and that a machine without a screen has not got. */
  readonly css: string
  /**
   * @param options.most px of its height, from the top
   * @returns how high the page is, and how wide its widest table, in px
   */
  shoot(
    html: string,
    options: { readonly path: string; readonly width: number; readonly most?: number },
  ): Promise<{ readonly height: number; readonly widest: number }>
}

/** Starts Chromium without a window; installs it beside this file where it is not yet: 140 MB, some 15 seconds. */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(modules)) {
    console.info('Installing Chromium, once')
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here })
  }
  const { puppeteer, chromium } = await load()
  const executablePath = await chromium.executablePath()
  const browser = await puppeteer.launch({ args: chromium.args, executablePath, headless: 'shell' })
  return {
    css: fonts(),
    async shoot(html, { path, width, most = Number.POSITIVE_INFINITY }) {
      const page = await browser.newPage()
      await page.setViewport({ width, height: 100, deviceScaleFactor: 1 })
      await page.setContent(withSigns(html), { waitUntil: 'load' })
      await page.evaluate('Promise.all([...document.fonts].map((font) => font.load())).then(() => true)')
      const height = await page.evaluate<number>('document.querySelector(".markdown-body").scrollHeight')
      const widest = await page.evaluate<number>(
        'Math.max(0, ...[...document.querySelectorAll("table")].filter((one) => one.checkVisibility()).map((one) => one.scrollWidth))',
      )
      await page.screenshot({
        path,
        ...(path.endsWith('.webp') && { quality: 60 }),
        clip: { x: 0, y: 0, width, height: Math.min(height, most) },
      })
      await page.close()
      return { height, widest }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

async function load(): Promise<Modules> {
  const { resolve } = createRequire(new URL('package.json', import.meta.url))
  const [puppeteer, chromium] = await Promise.all([
    import(resolve('puppeteer-core')),
    import(resolve('@sparticuz/chromium')),
  ])
  return { puppeteer: puppeteer.default ?? puppeteer, chromium: chromium.default }
}

/** Noto, as data: a page without an address may not read files. */
function fonts(): string {
  const text = [400, 600].map((weight) =>
    face('Noto Sans', `noto-sans/files/noto-sans-latin-${weight}-normal.woff2`, weight),
  )
  const used = `.markdown-body { font-family: "Noto Sans", sans-serif !important; }`
  return [...text, used].join('\n')
}

function face(family: string, file: string, weight: number): string {
  const data = readFileSync(`${modules}/@fontsource/${file}`).toString('base64')
  return `@font-face { font-family: "${family}"; font-weight: ${weight}; src: url(data:font/woff2;base64,${data}) format("woff2"); }`
}

/** Pictures instead of emojis, which this browser does not draw. */
function withSigns(html: string): string {
  return html.replaceAll(/\p{RGI_Emoji}/gv, (sign) => {
    const name = [...sign]
      .map((part) => (part.codePointAt(0) as number).toString(16))
      .filter((code) => code !== 'fe0f')
    const data = readFileSync(`${modules}/@twemoji/svg/${name.join('-')}.svg`).toString('base64')
    const style = 'background: none; height: 1em; width: 1em; margin: 0 0.1em; vertical-align: -0.125em'
    return `<img style="${style}" alt="" src="data:image/svg+xml;base64,${data}">`
  })
}
