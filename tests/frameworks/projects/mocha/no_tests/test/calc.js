describe('calc', () => {});
