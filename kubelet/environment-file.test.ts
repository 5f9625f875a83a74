/** Files of variables: what counts as a value, and what does not. */
import { expect, test } from 'vitest'
import { variableInFile } from './environment-file.ts'

test.for([
  { name: 'a quoted value', text: "KEY='value'\n", value: 'value' },
  { name: 'no newline at the end', text: "KEY='value'", value: 'value' },
  { name: 'a plain value', text: 'KEY=value\n', value: 'value' },
  { name: 'blanks around the sign', text: "  KEY = 'a b'  \n", value: 'a b' },
  { name: 'several lines in quotes', text: "KEY='a\nb'\nOTHER='c'", value: 'a\nb' },
  { name: 'a comment behind', text: "KEY='a#b' # why\n", value: 'a#b' },
  { name: 'a comment in front', text: "# KEY='no'\nKEY='yes'\n", value: 'yes' },
  { name: 'nothing', text: "KEY=''\n", value: '' },
  { name: 'the first of two', text: "KEY='a'\nKEY='b'\n", value: 'a' },
  { name: 'lines of Windows', text: "A='1'\r\nKEY='2'\r\n", value: '2' },
  { name: 'a longer name', text: "KEY_2='a'\n", value: undefined },
  { name: 'an empty file', text: '', value: undefined },
])('variableInFile(): $name', ({ text, value }) => {
  expect(variableInFile(text, 'KEY')).toBe(value)
})
