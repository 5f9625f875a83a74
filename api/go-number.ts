/** Go's words for texts that should have been whole numbers. */

const reason = (text: string): string =>
  /^[-+]?[0-9]+$/.test(text) ? 'value out of range' : 'invalid syntax'

export function goAtoiError(text: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(text)}: ${reason(text)}`
}

export function goParseUintError(text: string): string {
  const isUnsigned = /^[0-9]+$/.test(text)
  const why = isUnsigned ? 'value out of range' : 'invalid syntax'
  return `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
}
