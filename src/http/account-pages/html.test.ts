import { describe, expect, it } from 'vitest'
import { html } from './html.ts'

describe('html', () => {
  it('escapes every text, but no HTML of its own making', () => {
    const name = `<b a="1" c='2'>&`
    expect(html`<p title="${name}">${name}</p>`.text).toBe(
      '<p title="&#60;b a=&#34;1&#34; c=&#39;2&#39;&#62;&#38;">&#60;b a=&#34;1&#34; c=&#39;2&#39;&#62;&#38;</p>',
    )
    expect(html`<p>${html`<b>${'<'}</b>`}${[html`<i></i>`, html`<u></u>`]}</p>`.text).toBe(
      '<p><b>&#60;</b><i></i><u></u></p>',
    )
  })
})
