const powers = ['', 'k', 'm', 'g', 't']

/** A size such as `5GB`, `1.5TB` or `512MiB`, in bytes; `undefined` for anything else, and over a thousand TB. */
export function parseSize(text: string): number | undefined {
  const [, number, power, binary] = /^(\d{1,15}(?:\.\d{1,6})?) ?([kmgt]?)(i?)b$/i.exec(text) ?? []
  if (number === undefined || power === undefined) return undefined
  if (binary !== '' && power === '') return undefined
  const bytes = Math.round(
    Number(number) * (binary === '' ? 1000 : 1024) ** powers.indexOf(power.toLowerCase()),
  )
  return bytes <= 1e15 ? bytes : undefined
}
