# Is a word of a and b the same read backwards? Crosses off its ends pair by pair.
# Halts in yes or no.
look a _ R goa
look b _ R gob
look _ _ N yes
goa a a R goa
goa b b R goa
goa _ _ L enda
gob a a R gob
gob b b R gob
gob _ _ L endb
enda a _ L back
enda b b N no
enda _ _ N yes
endb b _ L back
endb a a N no
endb _ _ N yes
back a a L back
back b b L back
back _ _ R look
halt yes
halt no
blank _
steps 40
cells 12
head 1
tape abbaabba
