import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { linesOf, walkOf } from '../setup/fenced-blocks.ts'
import { openMailServer } from '../setup/mail-server.ts'
import type { MailServer } from '../setup/mail-server.ts'
import { GuideShell } from './guide-shell.ts'
import { ServerSandbox } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

const GUIDE = 'docs/guides/authentication.md'

const PASSWORD = 'correct horse battery staple'

let sandbox: ServerSandbox
let server: TributaryProcess
let mails: MailServer
let texts: { server: Server; received: { to: string; text: string }[] }

beforeAll(async () => {
  sandbox = await ServerSandbox.prepared()
  mails = await openMailServer()
  texts = await openTextServer()
  const [configuration] = walkOf(GUIDE, 'json')
  const { port } = texts.server.address() as AddressInfo
  const config = JSON.parse(configuration?.text ?? '') as { mail: { smtp: string }; sms: { webhook: string } }
  config.mail.smtp = mails.url
  config.sms.webhook = config.sms.webhook.replace(':1026', `:${port}`)
  const path = sandbox.path('guide.json')
  await writeFile(path, JSON.stringify(config))
  server = await sandbox.serve({ args: ['--config', path], env: { ADMIN_PASSWORD: PASSWORD } })
})

afterAll(async () => {
  await sandbox.destroy()
  await mails.close()
  texts.server.close()
})

/** Takes text messages as the webhook posts them. */
async function openTextServer(): Promise<typeof texts> {
  const received: { to: string; text: string }[] = []
  const listening = createServer((request, response) => {
    const take = async (): Promise<void> => {
      received.push((await json(request)) as { to: string; text: string })
      response.end()
    }
    void take()
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return { server: listening, received }
}

/** Waits until something holds. */
const until = (holds: () => boolean): Promise<unknown> =>
  vi.waitUntil(holds, { timeout: 20_000, interval: 20 })

const latestMail = async (address: string, pattern: RegExp): Promise<string> => {
  const find = (): string | undefined =>
    mails.received
      .filter(({ recipients }) => recipients.includes(address))
      .map(({ mail }) => pattern.exec(mail.text ?? '')?.[1])
      .findLast((found) => found !== undefined)
  await until(() => find() !== undefined)
  return find() ?? ''
}

const latestText = async (): Promise<string> => {
  await until(() => texts.received.length > 0)
  return /\b([A-Z0-9]{5})\b/.exec(texts.received.at(-1)?.text ?? '')?.[1] ?? ''
}

test('the guide leads from a login with a second factor to a person who registers, changes everything and leaves', async () => {
  const shell = new GuideShell({ TRIBUTARY: server.address, ADMIN_PASSWORD: PASSWORD })
  const printed: string[] = []
  let codes = 0
  let links = 0
  // What the reader types where the guide reads it.
  const typed: Record<string, () => Promise<string>> = {
    // Each code counts once: the second is the next one that the app shows, which is taken half a minute early.
    CODE: async () => {
      const secret = Secret.fromBase32(printed.find((text) => /^[A-Z2-7]{32,}\n$/.test(text))?.trim() ?? '')
      return new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 * codes++ })
    },
    PIN: () => latestMail('anna@shop.example', /\b(\d{6})\b/),
    LINK: async () => {
      await until(() => mailsTo('ola@shop.example') > links)
      links = mailsTo('ola@shop.example')
      return latestMail('ola@shop.example', /token=([\w-]{43})/)
    },
    SMS: latestText,
  }
  for (const line of walkOf(GUIDE, 'sh').flatMap(linesOf)) {
    const [, variable] = /^read -r (\w+)$/.exec(line) ?? []
    if (variable === undefined) printed.push(await shell.run(line))
    else await shell.run(`${variable}='${await typed[variable]?.()}'`)
  }
  shell.end()
  const lines = printed.join('').split('\n')
  expect(lines).toEqual(expect.arrayContaining(['10', 'Shop', 'Anna', '403', 'ola@shop.example', '401']))
  const [audit = '', timeline = ''] = lines.filter((line) => line.includes('.')).slice(-2)
  for (const act of ['key.create']) expect(audit).toContain(act)
  for (const event of ['client.register', 'client.deleteAccount']) expect(timeline).toContain(event)
})

function mailsTo(address: string): number {
  return mails.received.filter(({ recipients }) => recipients.includes(address)).length
}
