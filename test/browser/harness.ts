import { createRequire } from 'node:module'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import type PackedChromium from '@sparticuz/chromium'
import { ServerSandbox, shop } from '../system/server-harness.ts'
import type { TributaryProcess } from '../system/server-harness.ts'

/** Who signs in. */
export const OWNER = { email: 'owner@example.com', password: 'correct horse battery staple' } as const

/** Credentials of the APIs, as {@link openConsole} declares them. */
export const CREDENTIALS = {
  guid: '5b1d7c1e-0f0e-4f2a-9c39-0c5f3c1d2e3f',
  synerise: 'synerise-workspace-key',
  xtremepush: 'xtremepush-app-token',
  pyzeApp: 'pyze-app-key',
  pyze: 'pyze-api-key',
  yotpoStore: 'store-1',
  yotpo: 'yotpo-secret',
} as const

/** A server with its console, and a browser to look at it. */
export interface ConsoleUnderTest {
  server: TributaryProcess
  sandbox: ServerSandbox
  browser: Browser
  /** What went wrong in pages: errors on their console, and requests that left the server. */
  complaints: string[]
  /** A browser of its own: cookies and storage are empty. */
  context(options?: BrowserContextOptions): Promise<BrowserContext>
  /** A page of somebody who is signed in and inside the workspace. */
  signedIn(options?: BrowserContextOptions): Promise<Page>
  /** Closes what is open: a page that stays would complain in somebody else's test. */
  closePages(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a server whose workspace speaks every API, and the browser.
 * @param other name of the second workspace that the owner may enter
 */
export async function openConsole(other = 'Outlet'): Promise<ConsoleUnderTest> {
  const sandbox = await ServerSandbox.prepared()
  const config = await sandbox.writeConfig({
    workspaces: [workspace(), { name: other }],
    users: [{ ...OWNER, role: 'owner', workspaces: ['Shop', other] }],
  })
  const server = await sandbox.serve({ args: ['--config', config] })
  const browser = await launchBrowser()
  const complaints: string[] = []
  const context = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const made = await browser.newContext({ ...DEFAULTS, baseURL: server.address, ...options })
    made.setDefaultTimeout(15_000)
    made.on('page', (page) => watch(page, server.address, complaints))
    return made
  }
  return {
    server,
    sandbox,
    browser,
    complaints,
    context,
    signedIn: async (options) => signIn(await (await context(options)).newPage()),
    closePages: async () => {
      for (const opened of browser.contexts()) await opened.close()
    },
    close: async () => {
      await browser.close()
      await sandbox.destroy()
    },
  }
}

const DEFAULTS = { viewport: { width: 1280, height: 860 }, locale: 'en-GB', timezoneId: 'Europe/Warsaw' }

function workspace(): object {
  const { guid, synerise, xtremepush, pyzeApp, pyze, yotpoStore, yotpo } = CREDENTIALS
  const base = shop() as { apiKeys: object[] }
  const apiKeys = [...base.apiKeys, { scope: 'workspace', key: synerise }]
  return {
    ...base,
    guid,
    apiKeys,
    pyze: { appKeys: [pyzeApp], apiKeys: [pyze] },
    xtremepush: { appTokens: [xtremepush] },
    yotpo: { storeId: yotpoStore, secret: yotpo },
  }
}

/** Options that would weaken what is tested, or make all pages one process. */
const UNWANTED =
  /single-process|no-zygote|disable-web-security|allow-running-insecure|site-isolation|IsolateOrigins/

async function launchBrowser(): Promise<Browser> {
  // Makes the package unpack the libraries that a fresh machine lacks; it reads this when it is loaded.
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs20.x'
  const path = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const { default: packed } = (await import(path)) as { default: typeof PackedChromium }
  const args = packed.args.filter((arg) => !UNWANTED.test(arg))
  return chromium.launch({ executablePath: await packed.executablePath(), args })
}

/** No page may complain, and none may ask anybody but the server it came from. */
function watch(page: Page, origin: string, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
  page.on('request', (request) => {
    const url = request.url()
    const isLocal = url.startsWith(`${origin}/`) || url.startsWith('data:') || url.startsWith('blob:')
    if (!isLocal) complaints.push(`${page.url()}: asked ${url}`)
  })
}

/** Signs in by hand, as people do, and enters the workspace. */
async function signIn(page: Page): Promise<Page> {
  await page.goto('/console/')
  await page.getByLabel('E-mail').fill(OWNER.email)
  await page.locator('input[type=password]').fill(OWNER.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Shop', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  return page
}
