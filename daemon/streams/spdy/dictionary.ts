/** The text that both ends of SPDY/3 know before the first header, so that headers pack small. */

const names =
  'options head post put delete trace accept accept-charset accept-encoding accept-language ' +
  'accept-ranges age allow authorization cache-control connection content-base ' +
  'content-encoding content-language content-length content-location content-md5 ' +
  'content-range content-type date etag expect expires from host if-match ' +
  'if-modified-since if-none-match if-range if-unmodified-since last-modified location ' +
  'max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after ' +
  'server te trailer transfer-encoding upgrade user-agent vary via warning ' +
  'www-authenticate method get status'

const laterNames = 'version|HTTP/1.1|url|public|set-cookie|keep-alive|origin'

const codes =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505'

const phrases =
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request' +
  '401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented' +
  '503 Service Unavailable'

const dates =
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 ' +
  'Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT'

const values =
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,' +
  'text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8' +
  'charset=iso-8859-1,utf-,*,enq=0.'

const counted = (word: string): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(word.length)
  return Buffer.concat([length, Buffer.from(word)])
}

export const dictionary: Buffer = Buffer.concat([
  ...[...names.split(' '), '200 OK', ...laterNames.split('|')].map(counted),
  Buffer.from(codes + phrases + dates + values),
])

/** The checksum by which a compressed text names the dictionary it was made with. */
export const DICTIONARY_ID = 0xe3c6a7c2
