/** YAML as upstream reads it: YAML 1.1, JSON's types, duplicates reported, all bounded. */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import { duplicateKeys, JsonError, MAX_DEPTH, parseJson } from './json.ts'
import { setOwn } from './set-own.ts'
import { resolveScalar, YamlError } from './yaml-scalar.ts'

export { YamlError }

export interface Yaml {
  readonly value: unknown
  /** Such as `line 7: key "a" already set in map`; the last mention of a key counts. */
  readonly duplicates: readonly string[]
}

/** A token costs some two microseconds; this bounds what one text can cost to about a second. */
const MAX_TOKENS = 300_000
const TOO_DEEP = 'yaml: exceeded max depth'

/** Only the first document is read, as upstream does; a client that sends several splits them. */
export function parseYaml(text: string): Yaml {
  return parsedAsJson(text) ?? parsedAsYaml(text)
}

/** Most of what arrives as YAML is JSON, which is read a thousand times faster. */
function parsedAsJson(text: string): Yaml | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    const value = parseJson(text)
    return duplicateKeys(text, value).length === 0 ? { value, duplicates: [] } : undefined
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}

function parsedAsYaml(text: string): Yaml {
  const lines = new LineCounter()
  try {
    const document = firstDocument(text, lines)
    return new Reader(lines).document(document)
  } catch (error) {
    // The parser of the library is recursive, and only it knows how deep a text is nested.
    if (error instanceof RangeError) throw new YamlError(TOO_DEEP)
    throw error
  }
}

function firstDocument(text: string, lines: LineCounter): Document.Parsed | undefined {
  // All scalars come as texts, so that what they mean is decided here and nowhere else.
  const composer = new Composer({
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  for (const document of composer.compose(syntax(text, lines))) {
    const [problem] = document.errors
    if (problem) throw new YamlError(wording(problem, text, lines))
    return document as Document.Parsed
  }
  return undefined
}

function* syntax(text: string, lines: LineCounter): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  let count = 0
  for (const lexeme of new Lexer().lex(text)) {
    count++
    if (count > MAX_TOKENS) throw new YamlError(`yaml: more than ${MAX_TOKENS} tokens`)
    yield* parser.next(lexeme)
  }
  yield* parser.end()
}

/** Collections left open are what people meet most, so these are put in upstream's words. */
function wording(problem: YAMLParseError, text: string, lines: LineCounter): string {
  if (problem.message.startsWith('Maximum call stack')) return TOO_DEEP
  const open = /^Flow (sequence|map)/.exec(problem.message)?.[1]
  const isAtEnd = text.slice(problem.pos[0]).trim() === ''
  if (!open || !isAtEnd) {
    return `yaml: line ${lines.linePos(problem.pos[0]).line}: ${problem.message}`
  }
  const line = text.replace(/\n$/, '').split('\n').length
  const isValueMissing = '[{,:'.includes(text.trimEnd().at(-1) as string)
  const wanted = isValueMissing ? 'node content' : `',' or '${open === 'map' ? '}' : ']'}'`
  return `yaml: line ${line}: did not find expected ${wanted}`
}

/** Below these, a text may be mostly aliases; the larger it grows, the fewer it may have. */
const FREE_ALIASES = 100
const FREE_NODES = 1000
const LOOSE_NODES = 400_000
const STRICT_NODES = 4_000_000
const LOOSE_SHARE = 0.99
const STRICT_SHARE = 0.1

function allowedShare(nodes: number): number {
  if (nodes <= LOOSE_NODES) return LOOSE_SHARE
  if (nodes >= STRICT_NODES) return STRICT_SHARE
  const progress = (nodes - LOOSE_NODES) / (STRICT_NODES - LOOSE_NODES)
  return LOOSE_SHARE - (LOOSE_SHARE - STRICT_SHARE) * progress
}

type Node = ParsedNode | null | undefined

class Reader {
  readonly #lines: LineCounter
  readonly #anchors = new Map<string, ParsedNode>()
  /** Anchors whose node is being read: an alias to one of them would never end. */
  readonly #open = new Set<ParsedNode>()
  /** A key repeated inside an aliased map is one mistake, however often it is read. */
  readonly #duplicates = new Set<string>()
  #nodes = 0
  #aliased = 0
  #aliasDepth = 0

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  document(document: Document.Parsed | undefined): Yaml {
    const value = this.#node(document?.contents, 0)
    return { value, duplicates: [...this.#duplicates] }
  }

  #node(node: Node, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new YamlError(TOO_DEEP)
    this.#count()
    if (!node) return null
    if (isAlias(node)) return this.#alias(node.source, depth)
    if (node.anchor) this.#anchors.set(node.anchor, node)
    if (isScalar(node)) return resolveScalar(node as Scalar<string>)
    this.#open.add(node)
    const value = isSeq(node)
      ? node.items.map((item) => this.#node(item as Node, depth + 1))
      : this.#map(node as YAMLMap.Parsed, depth)
    this.#open.delete(node)
    return value
  }

  #count(): void {
    this.#nodes++
    if (this.#aliasDepth > 0) this.#aliased++
    if (this.#aliased <= FREE_ALIASES || this.#nodes <= FREE_NODES) return
    if (this.#aliased / this.#nodes > allowedShare(this.#nodes)) {
      throw new YamlError('yaml: document contains excessive aliasing')
    }
  }

  /** Read again rather than shared: what follows may change one copy and not the other. */
  #alias(name: string, depth: number): unknown {
    const target = this.#anchors.get(name)
    if (!target) throw new YamlError(`yaml: unknown anchor '${name}' referenced`)
    if (this.#open.has(target)) {
      throw new YamlError(`yaml: anchor '${name}' value contains itself`)
    }
    this.#aliasDepth++
    const value = this.#node(target, depth)
    this.#aliasDepth--
    return value
  }

  #map(node: YAMLMap.Parsed, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    const seen = new Set<string>()
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) {
        this.#merge(result, value, depth)
        continue
      }
      const name = keyText(this.#node(key, depth + 1))
      const child = this.#node(value as Node, depth + 1)
      if (seen.has(name)) {
        const line = this.#lineOf((value as Node) ?? key)
        this.#duplicates.add(`line ${line}: key ${JSON.stringify(name)} already set in map`)
      }
      seen.add(name)
      setOwn(result, name, child)
    }
    return result
  }

  #merge(into: Record<string, unknown>, node: unknown, depth: number): void {
    const value = this.#node(node as Node, depth + 1)
    const sources = Array.isArray(value) ? value.toReversed() : [value]
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        throw new YamlError('yaml: map merge requires map or sequence of maps as the value')
      }
      for (const [key, child] of Object.entries(source)) setOwn(into, key, child)
    }
  }

  #lineOf(node: Node): number {
    return this.#lines.linePos(node?.range[0] ?? 0).line
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<'
}

/** JSON has no other keys than texts. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return key
  if (typeof key === 'number' || typeof key === 'boolean') return String(key)
  const type = key === null ? 'null' : Array.isArray(key) ? 'sequence' : 'map'
  throw new YamlError(`yaml: unsupported map key of type: ${type}`)
}
