import type { Call, Harness } from '../../contract/harness.ts'

/** How a secret of any kind is shown in each dialect. */
const SHOWN: Readonly<
  Record<string, (secret: string, harness: Harness) => Pick<Call, 'headers' | 'params'>>
> = {
  native: (secret) => ({ headers: { authorization: `Bearer ${secret}` } }),
  pyze: (secret) => ({ headers: { authorization: `Bearer ${secret}` } }),
  webengage: (secret) => ({ headers: { authorization: `Bearer ${secret}` } }),
  xtremepush: (secret) => ({ params: { apptoken: secret } }),
  yotpo: (secret) => ({ headers: { 'x-yotpo-token': secret } }),
  synerise: (secret, harness) => {
    const { businessProfileUUID = '' } = harness.credentialOf('synerise').params
    return {
      headers: {
        authorization: `Basic ${Buffer.from(`${businessProfileUUID}:${secret}`).toString('base64')}`,
      },
    }
  },
}

/** The call of a dialect with the secret of another one. */
export function shownIn(dialect: string, secret: string, harness: Harness): Pick<Call, 'headers' | 'params'> {
  const show = SHOWN[dialect]
  if (!show) throw new Error(`how does ${dialect} show a secret?`)
  return show(secret, harness)
}

/** The keys of the first workspace, by their dialect. */
export function keysByDialect(harness: Harness): { owner: string; secret: string }[] {
  return Object.entries(harness.secrets()).flatMap(([what, secret]) => {
    const [, owner] = /^First (\w+) \d+$/.exec(what) ?? []
    return owner === undefined ? [] : [{ owner, secret }]
  })
}
