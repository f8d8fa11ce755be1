import { styleText } from 'node:util'

/** Shows what a step writes as a reader of the job's log sees it: workflow commands done, secrets masked. */
export class JobLog {
  readonly #show: (line: string) => void
  readonly #masks = new Set<string>()
  readonly #started = Date.now()
  #isInGroup = false

  constructor(show: (line: string) => void) {
    this.#show = show
  }

  add(line: string): void {
    const [, command, message = ''] = /^::([a-z-]+)(?: .*?)?::(.*)$/.exec(line) ?? []
    const text = unescaped(message)
    if (command === undefined) this.#write(line)
    else if (command === 'add-mask') this.#mask(text)
    else if (command === 'group') this.#write(styleText('bold', text))
    else if (command === 'warning') this.#write(styleText('yellow', `Warning: ${text}`))
    else if (command === 'error') this.#write(styleText('red', `Error: ${text}`))
    // The runner shows `debug` only on demand, and has nothing to show of the others.
    if (command === 'group') this.#isInGroup = true
    if (command === 'endgroup') this.#isInGroup = false
  }

  #mask(secret: string): void {
    // As the runner does: a secret of several lines is masked line by line, too.
    for (const part of [secret, ...secret.split(/\r?\n/)]) if (part !== '') this.#masks.add(part)
  }

  #write(line: string): void {
    let shown = line
    for (const secret of [...this.#masks].sort((a, b) => b.length - a.length))
      shown = shown.replaceAll(secret, '***')
    const time = `${((Date.now() - this.#started) / 1000).toFixed(1)}s`.padStart(7)
    this.#show(`${styleText('dim', time)}  ${this.#isInGroup ? '  ' : ''}${shown}`)
  }
}

function unescaped(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}
