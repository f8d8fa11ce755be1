const longestLine = 1024 * 1024

/** A stream that is not one JSON value a line, or that ends in the middle of one. */
export class JsonLinesError extends Error {
  override name = 'JsonLinesError'
}

/**
 * The values of a stream of newline-delimited JSON, as they come. Throws a `JsonLinesError` at a line that is not
 * JSON or longer than 1 MiB, and at a last line without its newline: that one was cut, however whole it looks.
 */
export async function* jsonLines(chunks: AsyncIterable<string>): AsyncIterable<unknown> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    for (const line of lines) if (line !== '') yield parse(line)
    if (rest.length > longestLine) throw new JsonLinesError(`a line is longer than ${longestLine} characters`)
  }
  if (rest !== '') throw new JsonLinesError('the answer ends in the middle of a line')
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw new JsonLinesError('a line of the answer is not JSON', { cause: error })
  }
}
