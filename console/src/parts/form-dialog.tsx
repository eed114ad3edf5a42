import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { ProblemAlert } from './problem-alert.tsx'

/** A form of its own: fields, what went wrong, and the act. While it is sent it stays: what the answer shows may come only once. */
export function FormDialog(props: {
  title: string
  children: ReactNode
  /** What the button says: the act, not "OK". */
  act: string
  /** It cannot be taken back, or hurts when it was not meant. */
  isGrave?: boolean
  /** Whether there is enough to be sent. */
  isReady?: boolean
  size?: string
  isPending: boolean
  error: unknown
  onSubmit: () => void
  onClose: () => void
}) {
  const { title, children, act, isGrave = false, isReady = true, size = 'md' } = props
  const { isPending, error, onSubmit, onClose } = props
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault()
    // A form in a dialog that a form opened is inside that one, as far as events go.
    event.stopPropagation()
    if (isReady) onSubmit()
  }
  const close = (): void => {
    if (!isPending) onClose()
  }
  return (
    <Modal opened onClose={close} title={title} size={size} centered>
      <form onSubmit={submit}>
        <Stack gap="md">
          {children}
          {Boolean(error) && <ProblemAlert error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close} disabled={isPending}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={isPending}
              disabled={!isReady}
              {...(isGrave && { color: 'red.8' })}
            >
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
