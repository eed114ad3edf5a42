import { TextInput } from '@mantine/core'

/** Six digits of an app; also a recovery code where `isRecoveryTaken`. */
export function CodeInput(props: {
  code: string
  isRecoveryTaken: boolean
  onChange: (code: string) => void
}) {
  const { code, isRecoveryTaken, onChange } = props
  return (
    <TextInput
      label="Code"
      description={
        isRecoveryTaken ? 'What your authenticator shows now, or a recovery code.' : 'What the app shows now.'
      }
      autoComplete="one-time-code"
      inputMode={isRecoveryTaken ? 'text' : 'numeric'}
      required
      data-autofocus
      value={code}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** The code as the server takes it. */
export function sentCode(code: string): string {
  return code.replaceAll(/\s/g, '')
}
