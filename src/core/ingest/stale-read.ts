/** Someone else wrote what this transaction had read: roll back and run it again. */
export class StaleRead extends Error {
  constructor() {
    super('another writer changed what this transaction had read')
    this.name = 'StaleRead'
  }
}
