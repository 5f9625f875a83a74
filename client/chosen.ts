/** Which controllers a command line asks for. */
import { suggestion } from '#daemon/suggestion.ts'

/** As upstream: a name counts before `*`, and nothing runs that is not asked for. */
export function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  wanted: readonly string[],
): readonly T[] {
  const names = all.map(({ name }) => name)
  for (const each of wanted) {
    const name = each.replace(/^-/, '')
    if (name === '*' || names.includes(name)) continue
    throw new RangeError(`--controllers: "${name}" is not known, ${hint(name, names)}`)
  }
  return all.filter(({ name }) => {
    if (wanted.includes(`-${name}`)) return false
    return wanted.includes(name) || wanted.includes('*')
  })
}

function hint(name: string, names: readonly string[]): string {
  const near = suggestion(name, names)
  return near === undefined ? `wanted one of ${names.join(', ')}` : `did you mean "${near}"?`
}
