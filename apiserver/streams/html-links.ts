/** Rewrites links in a page of HTML while it flows by. */
import { Transform, type TransformCallback } from 'node:stream'

/** Attributes that hold links, by element. */
const linkAttributes = new Map<string, readonly string[]>(
  Object.entries({
    a: ['href'],
    applet: ['codebase'],
    area: ['href'],
    audio: ['src'],
    base: ['href'],
    blockquote: ['cite'],
    body: ['background'],
    button: ['formaction'],
    command: ['icon'],
    del: ['cite'],
    embed: ['src'],
    form: ['action'],
    frame: ['longdesc', 'src'],
    head: ['profile'],
    html: ['manifest'],
    iframe: ['longdesc', 'src'],
    img: ['longdesc', 'src', 'usemap'],
    input: ['src', 'usemap', 'formaction'],
    ins: ['cite'],
    link: ['href'],
    object: ['classid', 'codebase', 'data', 'usemap'],
    q: ['cite'],
    script: ['src'],
    source: ['src'],
    video: ['poster', 'src'],
  }),
)

/** A tag that is longer is passed on as it is. */
const TAG_CHARACTERS_MAX = 64 * 1024
const COMMENT = '<!--'
/** Any other `<` is a sign of its own. */
const TAG_START = /^<[a-z/!?]/i
/** Elements whose text is no markup, until their own end. */
const rawElements = new Set(['script', 'style', 'textarea', 'title'])

/** Bytes are read one character each, so that any encoding comes out as it went in. */
export class HtmlLinks extends Transform {
  readonly #rewritten: (link: string) => string
  #rest = ''
  #rawElement: string | undefined

  constructor(rewritten: (link: string) => string) {
    super()
    this.#rewritten = rewritten
  }

  override _transform(chunk: Buffer, _: string, done: TransformCallback): void {
    this.#rest += chunk.toString('latin1')
    let output = ''
    for (let piece = this.#piece(); piece !== undefined; piece = this.#piece()) output += piece
    done(null, Buffer.from(output, 'latin1'))
  }

  override _flush(done: TransformCallback): void {
    done(null, Buffer.from(this.#rest, 'latin1'))
  }

  /** The next text, comment or tag, ready to send; undefined when more must come first. */
  #piece(): string | undefined {
    if (!this.#rest) return undefined
    if (this.#rawElement) return this.#rawText(this.#rawElement)
    const open = this.#rest.indexOf('<')
    if (open !== 0) return this.#take(open < 0 ? this.#rest.length : open)
    if (this.#rest.length > 1 && !TAG_START.test(this.#rest)) return this.#take(1)
    if (COMMENT.startsWith(this.#rest.slice(0, COMMENT.length))) {
      const end = this.#rest.indexOf('-->', COMMENT.length)
      return end < 0 ? this.#tooLong() : this.#take(end + 3)
    }
    const end = endOfTag(this.#rest)
    if (end < 0) return this.#tooLong()
    return this.#tag(this.#take(end + 1)!)
  }

  #rawText(element: string): string | undefined {
    const end = this.#rest.toLowerCase().indexOf(`</${element}`)
    if (end >= 0) {
      this.#rawElement = undefined
      return this.#take(end) || this.#piece()
    }
    // The end may have begun already.
    const safe = this.#rest.length - element.length - 2
    return safe > 0 ? this.#take(safe) : undefined
  }

  #tooLong(): string | undefined {
    return this.#rest.length > TAG_CHARACTERS_MAX ? this.#take(this.#rest.length) : undefined
  }

  #take(length: number): string {
    const taken = this.#rest.slice(0, length)
    this.#rest = this.#rest.slice(length)
    return taken
  }

  #tag(tag: string): string {
    const name = (/^<([a-z][a-z0-9]*)/i.exec(tag)?.[1] ?? '').toLowerCase()
    if (rawElements.has(name) && !tag.endsWith('/>')) this.#rawElement = name
    const links = linkAttributes.get(name)
    if (!links) return tag
    return tag.replaceAll(ATTRIBUTE, (whole, attribute: string, space: string, ...values) => {
      const [double, single, bare] = values as (string | undefined)[]
      if (!links.includes(attribute.toLowerCase())) return whole
      const link = double ?? single ?? bare ?? ''
      const changed = this.#rewritten(unescaped(link))
      if (changed === unescaped(link)) return whole
      return `${attribute}${space}"${changed.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`
    })
  }
}

const ATTRIBUTE = /(?<=[\s"'/])([^\s"'>/=]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g

const unescaped = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&amp;', '&')

/** Where a tag ends; a quoted value may hold what looks like an end. */
function endOfTag(text: string): number {
  let quote = ''
  for (let at = 1; at < text.length; at++) {
    const character = text[at]!
    if (quote) {
      if (character === quote) quote = ''
    } else if (character === '>') return at
    else if ((character === '"' || character === "'") && /[=\s]/.test(text[at - 1]!))
      quote = character
  }
  return -1
}
