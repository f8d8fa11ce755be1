import type { Secrets } from './secrets.ts'

type Done = (error?: Error | null) => void

const maskCommand = '::add-mask::'
const maskCommands = /(?<![^\n])(::add-mask::[^\n]*)/

/**
 * Takes the secrets out of all that this process says from now on, whoever says it: libraries write to the log as well.
 * What asks the runner to mask something goes out as it is, and from then on is a secret here too. A line goes out once
 * it is whole, with those that are written with it: a secret may lie across them.
 */
export function guardOutput(stream: NodeJS.WriteStream, secrets: Secrets): void {
  const write = stream.write.bind(stream)
  let rest = ''
  const told = (command: string) => {
    secrets.add(unescapedCommand(command.slice(maskCommand.length).trimEnd()))
    return command
  }
  const clean = (lines: string) =>
    lines
      .split(maskCommands)
      .map((part) => (part.startsWith(maskCommand) ? told(part) : secrets.redact(part)))
      .join('')
  stream.write = (piece: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const text = rest + (typeof piece === 'string' ? piece : Buffer.from(piece).toString())
    const end = text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    return write(clean(text.slice(0, end)), 'utf8', typeof encoding === 'function' ? encoding : done)
  }
  process.on('exit', () => write(clean(rest)))
}

/** The value of a command, as GitHub's toolkit writes it. */
function unescapedCommand(value: string): string {
  return value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}
