package rationweb

const pointsBase = "/desk/supplies/points"
