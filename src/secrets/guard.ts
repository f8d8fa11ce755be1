import type { Secrets } from './secrets.ts'

type Done = (error?: Error | null) => void

const maskCommand = '::add-mask::'

/**
 * Takes the secrets out of all that this process says from now on, whoever says it: libraries write to the log as well.
 * What asks the runner to mask something goes out as it is, and from then on is a secret here too. A line goes out once
 * it is whole.
 */
export function guardOutput(stream: NodeJS.WriteStream, secrets: Secrets): void {
  const write = stream.write.bind(stream)
  let rest = ''
  const clean = (line: string) => {
    if (!line.startsWith(maskCommand)) return secrets.redact(line)
    secrets.add(unescapedCommand(line.slice(maskCommand.length).trimEnd()))
    return line
  }
  stream.write = (piece: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const text = typeof piece === 'string' ? piece : Buffer.from(piece).toString()
    const lines = (rest + text).split('\n')
    rest = lines.pop() as string
    return write(
      lines.map((line) => `${clean(line)}\n`).join(''),
      'utf8',
      typeof encoding === 'function' ? encoding : done,
    )
  }
  process.on('exit', () => write(clean(rest)))
}

/** The value of a command, as GitHub's toolkit writes it. */
function unescapedCommand(value: string): string {
  return value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}
