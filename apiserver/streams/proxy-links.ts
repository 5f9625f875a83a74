/** Links in what a proxied server answers: those to its own root lead back through the proxy. */

export interface LinkOptions {
  /** Where the proxied server's root is for the client, without a slash at the end. */
  readonly prefix: string
  /** The proxied server as we reach it, and as the client asked for it. */
  readonly ownHosts: readonly string[]
}

export class LinkRewriter {
  readonly #options: LinkOptions

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Links to elsewhere, and those relative to the page, are left alone. */
  rewritten(link: string): string {
    const { prefix, ownHosts } = this.#options
    const match = /^(?:(?:https?:)?\/\/([^/?#]*))?(\/[^?#]*|)([?#].*)?$/is.exec(link)
    if (!match) return link
    const [, host, path = '', rest = ''] = match
    if (host !== undefined && !ownHosts.includes(host)) return link
    if (host === undefined && !path) return link
    const isInside = path === prefix || path.startsWith(`${prefix}/`)
    return `${isInside ? '' : prefix}${path || '/'}${rest}`
  }
}
