const request = require('supertest');
const app = require('../app');

describe('greeting', () => {
  it('says hello', () =>
    request(app).get('/greeting/Ada').expect(200, { text: 'Hello, Ada' }));
  it('is nowhere else', () => request(app).get('/').expect(404));
});
