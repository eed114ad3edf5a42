import { expect, test } from 'vitest'
import { draftOf, toSend } from './template-draft.ts'

const MAIL = { channels: ['mail' as const], subject: 'Hello', text: 'Words', html: '<p>Words</p>' }

test('HTML that the product made of the text is made of the changed text anew', () => {
  const draft = draftOf({ ...MAIL, isBuiltIn: true })
  expect(draft.html).toBe('')
  expect(toSend({ ...draft, text: 'Other words' })).toEqual({ subject: 'Hello', text: 'Other words' })
})

test('HTML of one’s own stays', () => {
  expect(toSend(draftOf({ ...MAIL, isBuiltIn: false }))).toEqual({
    subject: 'Hello',
    text: 'Words',
    html: '<p>Words</p>',
  })
})

test('a text message is its text alone', () => {
  const draft = draftOf({ channels: ['sms'], isBuiltIn: true, subject: null, text: 'Words', html: null })
  expect(draft).toEqual({ subject: undefined, text: 'Words', html: undefined })
  expect(toSend(draft)).toEqual({ text: 'Words' })
})
