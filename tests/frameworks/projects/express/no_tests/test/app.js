describe('greeting', () => {});
