import type { ShownLink } from '../../core/accounts/index.ts'
import type { CdpError } from '../../model/errors.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { PASSWORD_PURPOSES, PURPOSE_TEXTS, problemTexts } from './texts.ts'
import type { PagePurpose } from './texts.ts'

/** Name of the stylesheet beside the pages; addresses are relative, so that they also work below a path of a proxy. */
export const STYLESHEET_NAME = 'style.css'

/** A link as its page shows it. */
export interface LinkPage {
  purpose: PagePurpose
  token: string
  link: ShownLink
  /** What was wrong with the form that was sent. */
  fault?: string
}

/** The page of a link, with the one button that uses it. The token travels in the form, not in its address. */
export function linkPage({ purpose, token, link, fault }: LinkPage): string {
  const { title, before, between, button } = PURPOSE_TEXTS[purpose]
  const fields = PASSWORD_PURPOSES.includes(purpose) ? passwordFields(link, fault !== undefined) : html``
  return page(fault === undefined ? title : `Error: ${title}`, [
    html`<h1>${title}</h1>`,
    html`<p>${before} <strong>${link.email}</strong> ${between} <strong>${link.workspace}</strong>.</p>`,
    fault === undefined ? html`` : html`<p class="alarm" id="fault" role="alert">${fault}</p>`,
    html`<form method="post" action="${purpose}">
      <input type="hidden" name="token" value="${token}" />${fields}
      <button type="submit">${button}</button>
    </form>`,
  ])
}

function passwordFields({ email, passwordRules }: ShownLink, isFaulty: boolean): Html {
  const described = isFaulty ? 'fault rules' : 'rules'
  const invalid = isFaulty ? 'true' : 'false'
  // Password managers learn from the hidden name whose password it is.
  return html` <input type="text" name="username" value="${email}" autocomplete="username" hidden readonly />
    <p class="soft" id="rules">${passwordRules}.</p>
    <label for="password">New password</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="new-password"
      required
      aria-describedby="${described}"
      aria-invalid="${invalid}"
    />
    <label for="repeated">New password, again</label>
    <input
      id="repeated"
      name="repeated"
      type="password"
      autocomplete="new-password"
      required
      aria-invalid="${invalid}"
    />`
}

/** The page after the button was pressed. */
export function donePage(purpose: PagePurpose): string {
  const { doneTitle, done } = PURPOSE_TEXTS[purpose]
  return page(doneTitle, [html`<h1>${doneTitle}</h1>`, html`<p role="status">${done}</p>`])
}

/** The page that says what went wrong, and what to do. */
export function problemPage(error: CdpError, purpose: PagePurpose | undefined): string {
  const { title, text } = problemTexts(error, purpose)
  return page(title, [html`<h1>${title}</h1>`, html`<p>${text}</p>`])
}

function page(title: string, content: readonly Html[]): string {
  const lines = content.filter(({ text }) => text !== '').map((part) => html` ${part}`)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="stylesheet" href="${STYLESHEET_NAME}" />
      </head>
      <body>
        <main>${lines}</main>
      </body>
    </html> `.text
}
