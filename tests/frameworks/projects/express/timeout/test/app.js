const request = require('supertest');
const express = require('express');

const app = express();
app.get('/hangs', () => {});

describe('greeting', () => {
  it('is quick', () => request(app).get('/').expect(404));
  it('hangs', () => request(app).get('/hangs').expect(200)).timeout(0);
});
