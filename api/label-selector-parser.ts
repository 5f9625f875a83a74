/** Reads the text form of a label selector; its messages are those of upstream's parser. */
import {
  LabelSelectorError,
  newRequirement,
  type Requirement,
  type SelectorOperator,
} from './label-requirement.ts'
import { isLabelKey } from './names.ts'
import { Path, Problems } from './problems.ts'

type Kind = 'end' | 'word' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<'

interface Token {
  kind: Kind
  text: string
}

const operators = new Map<string, SelectorOperator>([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
])
const OPERATOR_NAMES = 'in, notin, =, ==, !=, gt, lt'

const symbol = /==|!=|[=!(),<>]/y
const word = /[^=!(),<> \t\r\n\0]+/y
const space = /[ \t\r\n]*/y

/** A NUL ends the text, or the word it stands in. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    space.lastIndex = at
    space.exec(text)
    at = space.lastIndex
    if (at >= text.length || text[at] === '\0') return [...tokens, { kind: 'end', text: '' }]
    symbol.lastIndex = at
    const sign = symbol.exec(text)?.[0]
    if (sign !== undefined) {
      tokens.push({ kind: sign as Kind, text: sign })
      at += sign.length
      continue
    }
    word.lastIndex = at
    const found = (word.exec(text) as RegExpExecArray)[0]
    tokens.push({ kind: 'word', text: found })
    at += found.length
    if (text[at] === '\0') at++
  }
}

export function parseLabelSelectorText(text: string): Requirement[] {
  return new Parser(tokensOf(text)).selector()
}

const wrong = (message: string): LabelSelectorError => new LabelSelectorError(message)

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get #next(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token
  }

  #take(): Token {
    const token = this.#next
    this.#at++
    return token
  }

  selector(): Requirement[] {
    const requirements: Requirement[] = []
    for (;;) {
      const { kind, text } = this.#next
      if (kind === 'end') return requirements
      if (kind !== 'word' && kind !== '!') {
        throw wrong(`found '${text}', expected: !, identifier, or 'end of string'`)
      }
      requirements.push(this.#requirement())
      const separator = this.#take()
      if (separator.kind === 'end') return requirements
      if (separator.kind !== ',') {
        throw wrong(`found '${separator.text}', expected: ',' or 'end of string'`)
      }
      const following = this.#next
      if (following.kind !== 'word' && following.kind !== '!') {
        throw wrong(`found '${following.text}', expected: identifier after ','`)
      }
    }
  }

  #requirement(): Requirement {
    try {
      return this.#keyAndValues()
    } catch (error) {
      if (!(error instanceof LabelSelectorError)) throw error
      throw wrong(`unable to parse requirement: ${error.message}`)
    }
  }

  #keyAndValues(): Requirement {
    const isNegated = this.#next.kind === '!'
    if (isNegated) this.#take()
    const { kind, text: key } = this.#take()
    if (kind !== 'word') throw wrong(`found '${key}', expected: identifier`)
    checkKey(key)
    const isAlone = this.#next.kind === 'end' || this.#next.kind === ','
    if (isNegated) return newRequirement(key, '!', [])
    if (isAlone) return newRequirement(key, 'exists', [])
    const sign = this.#take().text
    const operator = operators.get(sign)
    if (!operator) throw wrong(`found '${sign}', expected: ${OPERATOR_NAMES}`)
    const isSet = operator === 'in' || operator === 'notin'
    return newRequirement(key, operator, isSet ? this.#set() : [this.#exact()])
  }

  #exact(): string {
    const { kind } = this.#next
    if (kind === 'end' || kind === ',') return ''
    const { text } = this.#take()
    if (kind !== 'word') throw wrong(`found '${text}', expected: identifier`)
    return text
  }

  #set(): string[] {
    const open = this.#take()
    if (open.kind !== '(') throw wrong(`found '${open.text}' expected: '('`)
    const { kind, text } = this.#next
    if (kind === ')') {
      this.#take()
      return ['']
    }
    if (kind !== 'word' && kind !== ',') {
      throw wrong(`found '${text}', expected: ',', ')' or identifier`)
    }
    const values = this.#values()
    this.#take()
    return [...values].sort()
  }

  /** Up to, but not including, the closing parenthesis; a missing value is an empty one. */
  #values(): Set<string> {
    const values = new Set<string>()
    for (;;) {
      const { kind, text } = this.#take()
      const following = this.#next
      if (kind === 'word') {
        values.add(text)
        if (following.kind === ')') return values
        if (following.kind !== ',') throw wrong(`found '${following.text}', expected: ',' or ')'`)
      } else if (kind === ',') {
        if (values.size === 0) values.add('')
        if (following.kind === ',' || following.kind === ')') values.add('')
        if (following.kind === ')') return values
      } else throw wrong(`found '${text}', expected: ',', or identifier`)
    }
  }
}

function checkKey(key: string): void {
  const messages = isLabelKey(key)
  if (messages.length === 0) return
  const problems = new Problems()
  problems.invalid(Path.root, key, messages.join('; '))
  const [problem] = problems.list
  throw wrong(`${problem?.field}: ${problem?.message}`)
}
