import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { MESSAGE_NAMES, SAMPLE_VALUES, builtInContent, definitionOf, readMessageName } from './definitions.ts'
import { checkRecipient } from './recipient.ts'
import { checkTemplate, renderMessage } from './render.ts'

const content = { subject: 'Hello {{workspace}}', text: '{{ link }} of {{workspace}}', html: undefined }
const values = { link: 'https://a.example/?x=1&y=2', workspace: 'Shop', expires: 'soon' }

describe('a built-in message', () => {
  test.each(MESSAGE_NAMES)('%s is one that a workspace could save, and renders with every value', (name) => {
    const builtIn = builtInContent(name)
    expect(checkTemplate(name, builtIn)).toEqual(builtIn)
    for (const channel of definitionOf(name).channels) {
      const rendered = renderMessage(channel, builtIn, SAMPLE_VALUES)
      expect(JSON.stringify(rendered)).not.toMatch(/\{\{|\}\}/)
      for (const placeholder of definitionOf(name).required)
        expect(rendered.text).toContain(SAMPLE_VALUES[placeholder])
      expect([rendered.subject === undefined, rendered.html === undefined]).toEqual(
        channel === 'sms' ? [true, true] : [false, false],
      )
    }
  })

  it('of another name does not exist', () => {
    for (const name of ['', 'nothing', 'toString', '__proto__'])
      expect(() => readMessageName(name)).toThrow(
        expect.objectContaining({ code: 'CDP_MESSAGE_TEMPLATE_NOT_FOUND' }),
      )
  })
})

describe('a rendered message', () => {
  it('has its values in text and HTML, where the link can be clicked', () => {
    const rendered = renderMessage('mail', content, values)
    expect(rendered.subject).toBe('Hello Shop')
    expect(rendered.text).toBe('https://a.example/?x=1&y=2 of Shop')
    expect(rendered.html).toContain(
      '<p><a href="https://a.example/?x=1&amp;y=2">https://a.example/?x=1&amp;y=2</a> of Shop</p>',
    )
  })

  it('never has a value that HTML could read, whatever the value is', () => {
    const html = '<b title="{{workspace}}">{{workspace}}</b>'
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (workspace) => {
        const rendered = renderMessage('mail', { ...content, html }, { ...values, workspace })
        expect(rendered.html).toMatch(/^<b title="[^<>"']*">[^<>"']*<\/b>$/)
      }),
    )
    const rendered = renderMessage('mail', { ...content, html }, { ...values, workspace: '"><script>&\'' })
    expect(rendered.html).toBe(
      '<b title="&quot;&gt;&lt;script&gt;&amp;&#39;">&quot;&gt;&lt;script&gt;&amp;&#39;</b>',
    )
  })

  it('has a subject of one line, whatever the values are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (workspace) => {
        const { subject = '' } = renderMessage('mail', content, { ...values, workspace })
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(Array.from(subject).length).toBeLessThanOrEqual(255)
      }),
    )
    const { subject } = renderMessage('mail', content, {
      ...values,
      workspace: 'x\r\nBcc: e@v.il\r\n\r\nbody',
    })
    expect(subject).toBe('Hello x Bcc: e@v.il body')
  })

  it('does not read a value as a template', () => {
    const rendered = renderMessage('mail', content, { ...values, workspace: '{{link}}$&$1' })
    expect(rendered.text).toBe('https://a.example/?x=1&y=2 of {{link}}$&$1')
  })

  it('is refused without a value, and with a link that is none', () => {
    const broken = expect.objectContaining({ code: 'CDP_INVARIANT_BROKEN' })
    expect(() => renderMessage('mail', content, { link: values.link })).toThrow(broken)
    for (const link of ['javascript:alert(1)', 'x', 'data:text/html,x'])
      expect(() => renderMessage('mail', content, { ...values, link })).toThrow(broken)
  })
})

describe('a template', () => {
  const refused: [string, Parameters<typeof checkTemplate>][] = [
    ['/text', ['activation', { ...content, text: '{{link}} {{code}}' }]],
    ['/text', ['activation', { ...content, text: '{{link}} {{toString}}' }]],
    ['/text', ['activation', { ...content, text: 'no link' }]],
    ['/text', ['activation', { ...content, text: '{{link}} {{workspace' }]],
    ['/text', ['activation', { ...content, text: '{{link}} workspace}}' }]],
    ['/text', ['activation', { ...content, text: '{{link}} {{}}' }]],
    ['/html', ['activation', { ...content, html: '<p>hello</p>' }]],
    ['/html', ['activation', { ...content, html: '{{link}}{{firstName}}' }]],
    ['/subject', ['activation', { ...content, subject: '{{nobody}}' }]],
    ['/subject', ['activation', { ...content, subject: ' ' }]],
    ['/subject', ['activation', { ...content, subject: undefined }]],
    ['/subject', ['phone-change', { subject: 'x', text: '{{code}}', html: undefined }]],
    ['/subject', ['phone-change', { subject: undefined, text: '{{code}}', html: '{{code}}' }]],
  ]

  test.each(refused)('is refused at %s: %j', (pointer, [name, template]) => {
    const error = expect.objectContaining({ code: 'CDP_MESSAGE_TEMPLATE_INVALID', pointer })
    expect(() => checkTemplate(name, template)).toThrow(error)
  })
})

describe('a recipient', () => {
  const good = [
    ['mail', 'ana@example.com'],
    ['mail', "o'neil+tag@sub.example.com"],
    ['mail', 'ana@müller.example'],
    ['sms', '+48123456789'],
    ['sms', '48123456789'],
  ] as const
  const bad = [
    ['mail', ''],
    ['mail', 'ana'],
    ['mail', 'ana@x.example,eve@x.example'],
    ['mail', 'ana@x.example;eve@x.example'],
    ['mail', 'ana@x.example\r\nBcc: eve@x.example'],
    ['mail', 'Ana <ana@x.example>'],
    ['mail', '"a b"@x.example'],
    ['mail', 'ana@x.example '],
    ['mail', 'ana\u0000@x.example'],
    ['mail', 'ana@x@y.example'],
    ['sms', ''],
    ['sms', '+48 123'],
    ['sms', '123456\n'],
    ['sms', '+0123456'],
    ['sms', 'ana@example.com'],
  ] as const
  test.each(good)('%s %s is taken', (channel, recipient) =>
    expect(checkRecipient(channel, recipient)).toBeUndefined(),
  )
  test.each(bad)('%s %j is refused', (channel, recipient) =>
    expect(() => checkRecipient(channel, recipient)).toThrow(
      expect.objectContaining({ code: 'CDP_RECIPIENT_INVALID' }),
    ),
  )
})
