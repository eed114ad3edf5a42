import type { PolicyField, PolicyGroup } from './policy-types.ts'

/** A hundred years: whoever wants longer wants for ever. */
const DAYS_MAX = 36_500

const junk = (kind: string, label: string): PolicyField => ({
  path: `junkIdentifiers.${kind}`,
  label,
  input: { kind: 'texts', isOptional: true },
})

const days = (path: string, label: string, description: string, min: 0 | 1, max = DAYS_MAX): PolicyField => ({
  path,
  label,
  description,
  input: { kind: 'number', min, max, unit: 'days' },
  initial: min,
})

/** How what comes in is read, and to whom it belongs. */
export const DATA_GROUPS: readonly PolicyGroup[] = [
  {
    id: 'reading',
    title: 'How data is read',
    fields: [
      {
        path: 'timezone',
        label: 'Time zone',
        description: 'In which a local time without an offset is read.',
        input: { kind: 'zone' },
      },
      {
        path: 'defaultCountry',
        label: 'Country of phone numbers',
        description: 'For a number that names none.',
        input: { kind: 'country' },
      },
      {
        path: 'emailIdentity',
        label: 'E-mail addresses',
        input: {
          kind: 'choice',
          choices: [
            { value: 'unique', label: 'One address is one person' },
            { value: 'contact', label: 'An address never tells who somebody is' },
          ],
        },
      },
      {
        path: 'companyAttribute',
        label: 'Attribute of companies',
        description: 'It names a profile which is a company.',
        input: { kind: 'text', isOptional: true, placeholder: 'company' },
      },
    ],
  },
  {
    id: 'junk',
    title: 'Junk identifiers',
    text: 'Values that are nobody’s, such as “null” or the address of a till. They count as absent, beside the built-in ones.',
    fields: [
      junk('userId', 'User ids'),
      junk('email', 'E-mail addresses'),
      junk('phone', 'Phone numbers'),
      junk('uuid', 'UUIDs'),
      junk('anonymousId', 'Anonymous ids'),
      junk('deviceId', 'Device ids'),
      junk('alias', 'Aliases'),
    ],
  },
]

/** How long what is kept. */
export const RETENTION: PolicyGroup = {
  id: 'retention',
  title: 'How long what is kept',
  text: 'Once an hour, what is older is forgotten for ever. Purchases and profiles always stay.',
  fields: [
    days('eventDays', 'Events', 'After they happened. 0 keeps them for ever.', 0),
    {
      path: 'eventDaysByName',
      label: 'Events of a name',
      description: 'Kept for longer or shorter than the others; 0 keeps them for ever.',
      input: { kind: 'eventDays' },
    },
    days('ledgerDays', 'Refusals', 'What was refused, dropped or ignored.', 1),
    days('changeLogDays', 'Log of changes', '0 keeps it for ever.', 0),
    days(
      'dedupeDays',
      'Ids of events',
      'An event whose id is forgotten is stored again when it is sent again. 0 remembers them for ever.',
      0,
    ),
    days('exportDays', 'Files of exports', 'A shorter time holds for those that are there, too.', 1, 365),
  ],
}
