/** PEM: binary data as text between BEGIN and END lines. */

export interface PemBlock {
  readonly type: string
  readonly hasHeaders: boolean
  readonly bytes: Buffer
}

const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/

/** Every block that is complete; whatever stands around and between them is ignored. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  let type: string | undefined
  let hasHeaders = false
  let body = ''
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('-----BEGIN ') && line.endsWith('-----')) {
      type = line.slice('-----BEGIN '.length, -'-----'.length)
      hasHeaders = false
      body = ''
    } else if (type === undefined) continue
    else if (line === `-----END ${type}-----`) {
      if (base64Pattern.test(body)) {
        blocks.push({ type, hasHeaders, bytes: Buffer.from(body, 'base64') })
      }
      type = undefined
    } else if (!body && line.includes(':')) hasHeaders = true
    else body += line
  }
  return blocks
}
