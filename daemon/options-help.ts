/** The text of --help: every flag with its type, meaning, default and environment variable. */
import { formatDurationMs } from './duration.ts'
import type { Option, OptionSections } from './options.ts'

export interface HelpSubject {
  readonly name: string
  readonly summary: string
  /** How a call looks after the name; flags alone unless it is said. */
  readonly usage?: string
  readonly options: OptionSections
}

/** Left columns wider than this push the explanation to the next line. */
const LEFT_WIDTH_MAX = 34
const COLUMNS_MIN = 60
const COLUMNS_MAX = 120

export function helpText(subject: HelpSubject, columns: number): string {
  const width = Math.min(Math.max(columns, COLUMNS_MIN), COLUMNS_MAX)
  const head = wrap(`${subject.name}: ${subject.summary}`, width).join('\n')
  const usage = `Usage:\n  ${subject.name} ${subject.usage ?? '[flags]'}`
  const left = Object.values(subject.options)
    .flatMap((section) => Object.entries(section))
    .map(([name, option]) => leftColumn(name, option).length)
  const leftWidth = Math.min(Math.max(...left, 0), LEFT_WIDTH_MAX)
  const sections = Object.entries(subject.options).map(([title, section]) =>
    [
      `${title}:`,
      ...Object.entries(section).flatMap(([name, option]) =>
        flagLines(leftColumn(name, option), explanation(option), leftWidth, width),
      ),
    ].join('\n'),
  )
  return `${[head, usage, ...sections].join('\n\n')}\n`
}

function flagLines(left: string, right: string, leftWidth: number, width: number): string[] {
  const indent = ' '.repeat(leftWidth + 2)
  const [first = '', ...more] = wrap(right, width - indent.length)
  const indented = more.map((line) => indent + line)
  if (left.length <= leftWidth) return [left.padEnd(indent.length) + first, ...indented]
  return [left, indent + first, ...indented]
}

function leftColumn(name: string, option: Option<unknown>): string {
  const short = option.short ? `-${option.short}, ` : '    '
  return `  ${short}--${name}${option.type ? ` ${option.type}` : ''}`
}

function explanation(option: Option<unknown>): string {
  const parts = [option.help]
  if (option.isRequired) parts.push('(required)')
  const shown = defaultText(option)
  if (shown !== undefined) parts.push(`(default ${shown})`)
  if (option.env) parts.push(`[$${option.env}]`)
  return parts.join(' ')
}

function defaultText({ default: value, type }: Option<unknown>): string | undefined {
  if (value === undefined || value === false || value === '') return undefined
  if (type === 'duration') return formatDurationMs(Number(value))
  if (type === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return value.length > 0 ? value.join(',') : undefined
  if (typeof value !== 'object' || value === null) return String(value)
  const pairs = Object.entries(value).map(([name, text]) => `${name}=${text}`)
  return pairs.length > 0 ? pairs.join(',') : undefined
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
