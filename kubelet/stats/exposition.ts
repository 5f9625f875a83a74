/** Figures in Prometheus' text form, with the time at which each was taken. */

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
  readonly atMs?: number
}

/** A family without samples says nothing. */
export function expositionText(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
      return head + samples.map((sample) => sampleText(name, sample)).join('')
    })
    .join('')
}

function sampleText(name: string, { labels = {}, value, atMs }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  const where = pairs.length ? `{${pairs.join(',')}}` : ''
  return `${name}${where} ${value}${atMs === undefined ? '' : ` ${Math.round(atMs)}`}\n`
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
