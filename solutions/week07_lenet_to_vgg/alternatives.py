"""Other right answers to week 7. Each must earn every point."""

ALTERNATIVES = {
    "lenet5": {
        "names, dropout, added one by one": """
def lenet5(maps=(6, 16), units=(120, 84), classes=10):
    model = keras.models.Sequential()
    model.add(keras.layers.Input(shape=(32, 32, 1)))
    model.add(keras.layers.Conv2D(maps[0], kernel_size=5, activation=keras.activations.tanh, name="C1"))
    model.add(keras.layers.AvgPool2D(pool_size=2, strides=2, name="S2"))
    model.add(keras.layers.Conv2D(maps[1], kernel_size=5, activation=keras.activations.tanh, name="C3"))
    model.add(keras.layers.AvgPool2D(pool_size=2, strides=2, name="S4"))
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(units[0], activation=keras.activations.tanh, name="C5"))
    model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(units[1], activation=keras.activations.tanh, name="F6"))
    model.add(keras.layers.Dense(classes, activation="softmax", name="output"))
    return model
""",
        "operations of Keras": """
def lenet5(maps=(6, 16), units=(120, 84), classes=10):
    x = inp = keras.Input(shape=(32, 32, 1))
    for n in maps:
        x = keras.ops.tanh(keras.layers.Conv2D(filters=n, kernel_size=(5, 5), strides=(1, 1), padding="valid")(x))
        x = keras.layers.AveragePooling2D(pool_size=(2, 2), strides=(2, 2))(x)
    x = keras.ops.reshape(x, (-1, 25 * maps[1]))
    for u in units:
        x = keras.ops.tanh(keras.layers.Dense(u)(x))
    return keras.Model(inp, keras.ops.softmax(keras.layers.Dense(classes)(x)))
""",
        "functional, the layer of 120 as a convolution": """
def lenet5(maps=(6, 16), units=(120, 84), classes=10):
    image = keras.Input(shape=(32, 32, 1), name="digit")
    x = keras.layers.Conv2D(maps[0], (5, 5), activation="tanh")(image)
    x = keras.layers.AveragePooling2D(2)(x)
    x = keras.layers.Conv2D(maps[1], (5, 5), activation="tanh")(x)
    x = keras.layers.AveragePooling2D(2)(x)
    x = keras.layers.Conv2D(units[0], 5, activation="tanh")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(units[1], activation="tanh")(x)
    return keras.Model(image, keras.layers.Dense(classes, activation="softmax")(x))
""",
        "loops and layers of their own for the activations": """
def lenet5(maps=(6, 16), units=(120, 84), classes=10):
    net = keras.Sequential()
    net.add(keras.Input((32, 32, 1)))
    for n in maps:
        net.add(keras.layers.Conv2D(n, 5))
        net.add(keras.layers.Activation("tanh"))
        net.add(keras.layers.AveragePooling2D(pool_size=2, strides=2))
    net.add(keras.layers.Flatten())
    for n in units:
        net.add(keras.layers.Dense(n))
        net.add(keras.layers.Activation(keras.activations.tanh))
    net.add(keras.layers.Dense(classes))
    net.add(keras.layers.Softmax())
    return net
""",
        "a list of layers, a reshape": """
def lenet5(maps=(6, 16), units=(120, 84), classes=10):
    a, b = maps
    c, d = units
    L = keras.layers
    stack = [L.Conv2D(a, 5, activation="tanh"), L.AveragePooling2D(2), L.Conv2D(b, 5, activation="tanh"), L.AveragePooling2D(2)]
    stack += [L.Reshape((25 * b,)), L.Dense(c, "tanh"), L.Dense(d, "tanh"), L.Dense(classes, "softmax")]
    x = inputs = keras.Input((32, 32, 1))
    for layer in stack:
        x = layer(x)
    return keras.Model(inputs=inputs, outputs=x)
""",
    },
    "alexnet": {
        "functional": """
def alexnet(width=1.0, classes=1000, groups=1):
    def conv(x, maps, kernel, **options):
        return keras.layers.ReLU()(keras.layers.Conv2D(int(maps * width), kernel, **options)(x))

    def pool(x):
        return keras.layers.MaxPooling2D(pool_size=3, strides=2)(x)

    x = inputs = keras.Input((227, 227, 3))
    x = pool(conv(x, 96, 11, strides=4))
    x = pool(conv(x, 256, 5, padding="same", groups=groups))
    x = conv(x, 384, 3, padding="same")
    x = conv(x, 384, 3, padding="same", groups=groups)
    x = pool(conv(x, 256, 3, padding="same", groups=groups))
    x = keras.layers.Flatten()(x)
    for _ in range(2):
        x = keras.layers.Dropout(0.5)(keras.layers.Dense(int(4096 * width), activation="relu")(x))
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(x))
""",
        "a table": """
def alexnet(width=1.0, classes=1000, groups=1):
    table = [(96, 11, 4, "valid", 1), "M", (256, 5, 1, "same", groups), "M", (384, 3, 1, "same", 1)]
    table += [(384, 3, 1, "same", groups), (256, 3, 1, "same", groups), "M"]
    net = keras.Sequential([keras.Input((227, 227, 3))])
    for row in table:
        if row == "M":
            net.add(keras.layers.MaxPool2D((3, 3), (2, 2)))
        else:
            maps, kernel, step, padding, parts = row
            net.add(keras.layers.Conv2D(int(maps * width), kernel, step, padding, groups=parts, activation="relu"))
    net.add(keras.layers.Flatten())
    net.add(keras.layers.Dense(int(4096 * width), activation="relu"))
    net.add(keras.layers.Dense(int(4096 * width), activation="relu"))
    net.add(keras.layers.Dense(classes))
    net.add(keras.layers.Activation("softmax"))
    return net
""",
        "padding layers, dense layers as convolutions": """
def alexnet(width=1.0, classes=1000, groups=1):
    L = keras.layers
    a, b, c, d = (int(n * width) for n in (96, 256, 384, 4096))
    return keras.Sequential([
        keras.Input((227, 227, 3)),
        L.Conv2D(a, 11, 4, activation="relu"), L.MaxPooling2D(3, 2),
        L.ZeroPadding2D(2), L.Conv2D(b, 5, groups=groups, activation="relu"), L.MaxPooling2D(3, 2),
        L.ZeroPadding2D(1), L.Conv2D(c, 3, activation="relu"),
        L.ZeroPadding2D(1), L.Conv2D(c, 3, activation="relu", groups=groups),
        L.ZeroPadding2D(1), L.Conv2D(b, 3, activation="relu", groups=groups),
        L.MaxPooling2D(3, 2),
        L.Conv2D(d, 6, activation="relu"), L.Dropout(0.5), L.Conv2D(d, 1, activation="relu"), L.Dropout(0.5),
        L.Conv2D(classes, 1), L.Flatten(), L.Softmax(),
    ])
""",
        "convolutions and classifier as two nets": """
def alexnet(width=1.0, classes=1000, groups=1):
    L = keras.layers
    features = keras.Sequential(name="features")
    for maps, kernel, step, parts, pooled in (
        (96, 11, 4, 1, True), (256, 5, 1, groups, True), (384, 3, 1, 1, False), (384, 3, 1, groups, False), (256, 3, 1, groups, True)
    ):
        padding = "same" if step == 1 else "valid"
        features.add(L.Conv2D(int(maps * width), kernel, step, padding, groups=parts, activation="relu"))
        if pooled:
            features.add(L.MaxPool2D(3, 2))
    units = int(4096 * width)
    classifier = keras.Sequential([L.Dense(units, "relu"), L.Dense(units, "relu"), L.Dense(classes, "softmax")])
    inputs = keras.Input((227, 227, 3))
    return keras.Model(inputs, classifier(L.Flatten()(features(inputs))))
""",
    },
    "vgg_block": {
        "a Sequential for the block": """
def vgg_block(x, n_convs, filters, last=3):
    if n_convs <= 0:
        raise ValueError("no convolution")
    sizes = [3] * (n_convs - 1) + [last]
    block = keras.Sequential([keras.layers.Conv2D(filters, (k, k), padding="same", activation=keras.ops.relu) for k in sizes] + [keras.layers.MaxPool2D((2, 2), 2)])
    return block(x)
""",
        "ReLU as a layer": """
def vgg_block(x, n_convs, filters, last=3):
    if n_convs < 1:
        raise ValueError("a block needs a convolution")
    sizes = [3] * (n_convs - 1) + [last]
    for size in sizes:
        x = keras.layers.Conv2D(filters, (size, size), padding="same")(x)
        x = keras.layers.ReLU()(x)
    return keras.layers.MaxPool2D(pool_size=(2, 2), strides=(2, 2))(x)
""",
        "ReLU of the last after the pooling": """
def vgg_block(x, n_convs, filters, last=3):
    if n_convs <= 0:
        raise ValueError(n_convs)
    for _ in range(n_convs - 1):
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    x = keras.layers.Conv2D(filters, last, padding="same")(x)
    return keras.layers.Activation("relu")(keras.layers.MaxPooling2D(2)(x))
""",
        "recursion": """
def vgg_block(x, n_convs, filters, last=3):
    if n_convs < 1:
        raise ValueError("n_convs")
    if n_convs == 1:
        x = keras.layers.Conv2D(filters, last, padding="same", activation="relu")(x)
        return keras.layers.MaxPooling2D()(x)
    x = keras.layers.ZeroPadding2D(1)(x)
    return vgg_block(keras.layers.Conv2D(filters, 3, activation="relu")(x), n_convs - 1, filters, last)
""",
    },
    "transition": {
        "NumPy's integers": """
def transition(x, variant, filters):
    if variant not in (1, 2, 3):
        raise ValueError("no such variant")
    if variant in (1, 3):
        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)
    x = keras.layers.MaxPooling2D(2)(x)
    if variant in (2, 3):
        x = keras.layers.Conv2D(filters, 1, activation="relu")(x)
    return x



def transition_cost(h, w, c, filters, variant):
    if not 1 <= variant <= 3:
        raise ValueError("1, 2, 3")
    one, two = np.array([c * filters, (c + 1) * filters]), np.array([filters * filters, (filters + 1) * filters])
    small = (h // 2) * (w // 2)
    macs, weights = {1: one * [h * w, 1], 2: one * [small, 1], 3: one * [h * w, 1] + two * [small, 1]}[variant]
    return weights, macs
""",
        "orders as words": """
ORDERS = {1: "cm", 2: "mc", 3: "cmc"}


def transition(x, variant, filters):
    if variant not in ORDERS:
        raise ValueError(variant)
    for letter in ORDERS[variant]:
        if letter == "m":
            x = keras.layers.MaxPooling2D(2)(x)
        else:
            x = keras.layers.ReLU()(keras.layers.Conv2D(filters, (1, 1))(x))
    return x


def transition_cost(h, w, c, filters, variant):
    if variant not in ORDERS:
        raise ValueError(variant)
    weights = macs = 0
    for letter in ORDERS[variant]:
        if letter == "m":
            h, w = h // 2, w // 2
        else:
            weights += c * filters + filters
            macs += h * w * c * filters
            c = filters
    return weights, macs
""",
        "three branches": """
def transition(x, variant, filters):
    def mix(x):
        return keras.layers.Conv2D(filters, 1, padding="same", activation="relu")(x)

    pool = keras.layers.MaxPool2D()
    if variant == 1:
        return pool(mix(x))
    if variant == 2:
        return mix(pool(x))
    if variant == 3:
        return mix(pool(mix(x)))
    raise ValueError("1, 2 or 3")


def transition_cost(h, w, c, filters, variant):
    if not 1 <= variant <= 3:
        raise ValueError("1, 2 or 3")
    one = c * filters + filters
    small = (h // 2) * (w // 2)
    return [
        (one, h * w * c * filters),
        (one, small * c * filters),
        (one + filters * filters + filters, h * w * c * filters + small * filters ** 2),
    ][variant - 1]
""",
        "ReLU after the pooling, a list for the cost": """
def transition(x, variant, filters):
    if variant == 1:
        x = keras.layers.Conv2D(filters, 1)(x)
        return keras.layers.ReLU()(keras.layers.MaxPooling2D(2)(x))
    if variant == 3:
        x = transition(x, 1, filters)
    elif variant == 2:
        x = keras.layers.MaxPooling2D(2)(x)
    else:
        raise ValueError("variant")
    return keras.layers.Conv2D(filters, 1, activation="relu")(x)


def transition_cost(h, w, c, filters, variant):
    if variant == 3:
        a, b = transition_cost(h, w, c, filters, 1)
        d, e = transition_cost(h, w, filters, filters, 2)
        return [a + d, b + e]
    places = {1: h * w, 2: (h // 2) * (w // 2)}.get(variant)
    if places is None:
        raise ValueError("variant")
    return [(c + 1) * filters, places * c * filters]
""",
    },
    "reduction_saving": {
        "a helper": """
def _count(k, a, b):
    return k * k * a * b + b


def reduction_saving(c_in, c_red, c_out, k=3):
    if any(n <= 0 for n in (c_in, c_red, c_out, k)):
        raise ValueError("sizes")
    d, r, p = _count(k, c_in, c_out), _count(k, c_red, c_out), _count(1, c_in, c_red)
    return {"direct": d, "reduced": r, "pointwise": p, "saves_next": (d - r) / d, "saves_all": (d - r - p) / d}


def widest_reduction(c_in, c_out, k=3):
    return max([0] + [n for n in range(1, c_in) if reduction_saving(c_in, n, c_out, k)["saves_all"] > 0])
""",
        "solved for c_red": """
def reduction_saving(c_in, c_red, c_out, k=3):
    if min(c_in, c_red, c_out, k) < 1:
        raise ValueError("at least 1")
    counts = {"direct": c_out * (1 + k**2 * c_in), "reduced": c_out * (1 + k**2 * c_red), "pointwise": c_red * (1 + c_in)}
    counts["saves_next"] = 1.0 - counts["reduced"] / counts["direct"]
    counts["saves_all"] = counts["saves_next"] - counts["pointwise"] / counts["direct"]
    return counts


def widest_reduction(c_in, c_out, k=3):
    # c_red * (k*k*c_out + c_in + 1) < k*k*c_in*c_out
    return (k * k * c_in * c_out - 1) // (k * k * c_out + c_in + 1)
""",
        "counted down": """
def reduction_saving(c_in, c_red, c_out, k=3):
    for n in (c_in, c_red, c_out, k):
        if n < 1:
            raise ValueError(f"{n} is below 1")
    result = {}
    result["direct"] = k * k * c_in * c_out + c_out
    result["reduced"] = k * k * c_red * c_out + c_out
    result["pointwise"] = c_in * c_red + c_red
    result["saves_next"] = np.float64(result["direct"] - result["reduced"]) / result["direct"]
    result["saves_all"] = np.float64(result["direct"] - result["reduced"] - result["pointwise"]) / result["direct"]
    return result


def widest_reduction(c_in, c_out, k=3):
    n = c_in
    while n > 0 and (k * k * n + 1) * c_out + (c_in + 1) * n >= (k * k * c_in + 1) * c_out:
        n -= 1
    return n
""",
    },
    "build_vgg": {
        "layers of their own, checked on the way": """
from numbers import Integral

def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    def scaled(n):
        return int(n * width) or 1
    side = size
    model = keras.Sequential(name="vgg")
    model.add(keras.Input(shape=(size, size, 3)))
    for entry in list(config):
        if isinstance(entry, str):
            if entry != "M":
                raise ValueError(entry)
            side = side // 2
            if side == 0:
                raise ValueError("too small")
            model.add(keras.layers.MaxPool2D(pool_size=(2, 2), strides=(2, 2)))
        elif isinstance(entry, Integral) and entry > 0:
            model.add(keras.layers.Conv2D(filters=scaled(entry), kernel_size=(3, 3), padding="same"))
            model.add(keras.layers.ReLU())
        else:
            raise ValueError(f"not {entry!r}")
    model.add(keras.layers.Flatten())
    for u in units:
        model.add(keras.layers.Dense(scaled(u)))
        model.add(keras.layers.ReLU())
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(classes))
    model.add(keras.layers.Softmax())
    return model
""",
        "one list of layers": """
def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    side, stack = size, []
    for item in config:
        if item == "M":
            side //= 2
            stack.append(keras.layers.MaxPooling2D(2, 2))
        elif isinstance(item, int) and item > 0:
            stack += [keras.layers.Conv2D(int(item * width) or 1, 3, padding="same"), keras.layers.ReLU()]
        else:
            raise ValueError(item)
    if side < 1:
        raise ValueError("too small")
    stack.append(keras.layers.Flatten())
    stack += [keras.layers.Dense(int(n * width) or 1, activation="relu") for n in units]
    stack.append(keras.layers.Dense(classes, activation="softmax"))
    return keras.Sequential([keras.Input((size, size, 3)), *stack])
""",
        "with dropout and a softmax layer": """
def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    def thin(n):
        return max(1, int(n * width))

    side = size
    model = keras.models.Sequential(name="vgg")
    model.add(keras.layers.Input(shape=(size, size, 3)))
    for item in config:
        if isinstance(item, str):
            if item != "M" or side < 2:
                raise ValueError(f"{item!r} at side {side}")
            model.add(keras.layers.MaxPool2D(pool_size=(2, 2), strides=(2, 2)))
            side = side // 2
        elif not isinstance(item, int) or item < 1:
            raise ValueError(f"{item!r}")
        else:
            model.add(keras.layers.Conv2D(filters=thin(item), kernel_size=(3, 3), padding="same", activation="relu"))
    model.add(keras.layers.Flatten())
    for n in units:
        model.add(keras.layers.Dense(units=thin(n), activation="relu"))
        model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(classes))
    model.add(keras.layers.Activation("softmax"))
    return model
""",
        "checked by try": """
def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    L = keras.layers
    net = keras.Sequential()
    net.add(keras.Input(shape=(size, size, 3)))
    left = size
    for item in list(config):
        if item == "M":
            left = left // 2
            if left == 0:
                raise ValueError("nothing is left of the image")
            net.add(L.MaxPooling2D())
            continue
        try:
            maps = int(max(1, range(item).stop * width)) if item > 0 else 0
        except TypeError:
            raise ValueError(f"what is {item}?") from None
        if maps == 0:
            raise ValueError("no maps")
        net.add(L.Conv2D(maps, kernel_size=3, strides=1, padding="same", activation=keras.activations.relu))
    net.add(L.Reshape((-1,)))
    for n in units:
        net.add(L.Dense(int(max(1, n * width)), "relu"))
    net.add(L.Dense(classes, "softmax"))
    return net
""",
        "blocks that are nets themselves": """
def build_vgg(config, width=1.0, classes=1000, size=224, units=(4096, 4096)):
    L = keras.layers
    if any(item != "M" and (not isinstance(item, int) or item < 1) for item in config):
        raise ValueError(f"not a configuration: {config}")
    if size >> list(config).count("M") == 0:
        raise ValueError(f"{size} is too small")
    model = keras.Sequential([keras.Input((size, size, 3))])
    block = []
    for item in [*config, None]:
        if item == "M" or item is None:
            block += [L.MaxPooling2D()] if item else []
            if block:
                model.add(keras.Sequential(block))
            block = []
        else:
            block.append(L.Conv2D(max(1, int(item * width)), 3, padding="same", activation="relu"))
    head = [L.Dense(max(1, int(n * width)), activation="relu") for n in units]
    model.add(keras.Sequential([L.Flatten(), *head, L.Dense(classes, activation="softmax")]))
    return model
""",
    },
    "mini_vgg": {
        "functional, global maximum": """
def build_mini_vgg():
    x = inputs = keras.Input((32, 32, 3))
    for maps in (8, 16, 32):
        for pooled in (False, True):
            x = keras.layers.Conv2D(maps, 3, padding="same", use_bias=False)(x)
            if pooled:
                x = keras.layers.MaxPooling2D(2)(x)
            x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.Conv2D(64, 1, activation="relu")(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))


def train_mini(model):
    model.compile(keras.optimizers.Adam(0.004), "sparse_categorical_crossentropy", metrics=["accuracy"])
    slower = keras.callbacks.LearningRateScheduler(lambda epoch: 0.004 if epoch < 2 else 0.0007)
    return training.fit(
        model, x_train, y_train, validation=(x_val, y_val), epochs=3, batch_size=64, callbacks=[slower], quiet=True
    )


mini, mini_history = training.trained("mini", build_mini_vgg, train_mini)
""",
        "SGD with momentum, batch norm before the pooling": """
def build_mini_vgg():
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for maps in (8, 16, 32):
        for _ in range(2):
            net.add(keras.layers.Conv2D(maps, 3, padding="same", use_bias=False))
            net.add(keras.layers.BatchNormalization(momentum=0.9))
            net.add(keras.layers.Activation("relu"))
        net.add(keras.layers.MaxPooling2D(2))
    net.add(keras.layers.GlobalMaxPooling2D())
    net.add(keras.layers.Dense(10, activation="softmax"))
    return net


def train_mini(model):
    rate = keras.optimizers.schedules.CosineDecay(0.02, 3 * -(-len(x_train) // 32))
    model.compile(keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return training.fit(model, x_train, y_train, validation=(x_val, y_val), epochs=3, batch_size=32, quiet=True)


mini, mini_history = training.trained("mini", build_mini_vgg, train_mini)
""",
        "one-hot labels, best epoch": """
def build_mini_vgg():
    net = keras.Sequential([keras.Input((32, 32, 3))])
    for number, maps in enumerate((8, 8, 16, 16, 32, 32)):
        net.add(keras.layers.Conv2D(maps, 3, padding="same"))
        net.add(keras.layers.BatchNormalization(momentum=0.9))
        net.add(keras.layers.ReLU())
        if number % 2:
            net.add(keras.layers.MaxPooling2D(2))
    net.add(keras.layers.Flatten())
    net.add(keras.layers.Dense(64, activation="relu"))
    net.add(keras.layers.Dense(10, activation="softmax"))
    return net


def train_mini(model):
    hot, hot_val = np.eye(10)[y_train], np.eye(10)[y_val]
    best = training.BestWeights("val_loss", "min")
    model.compile(keras.optimizers.Adam(0.003), "categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(
        model, x_train, hot, validation=(x_val, hot_val), epochs=4, batch_size=32, callbacks=[best], quiet=True
    )
    best.restore(model)
    return history


mini, mini_history = training.trained("mini", build_mini_vgg, train_mini)
""",
    },
    "pyramid": {
        "blocks by splitting": """
def pyramid(config, size=224):
    rows = []
    blocks = [[]]
    for item in config:
        if item == "M":
            blocks.append([])
        else:
            blocks[-1].append(item)
    for halvings, block in enumerate(blocks):
        if block:
            rows.append((len(block), size // 2**halvings, block[-1]))
    return rows
""",
    },
    "zfnet": {
        "a padding in the first convolution's stead": """
def zfnet(width=1.0, classes=1000):
    L = keras.layers
    x = inputs = keras.Input((224, 224, 3))
    x = L.Conv2D(int(96 * width), 7, 2, activation="relu")(L.ZeroPadding2D((1, 1))(x))
    x = L.MaxPooling2D(3, 2, "same")(x)
    x = L.MaxPooling2D(3, 2, "same")(L.Conv2D(int(256 * width), 5, 2, activation="relu")(x))
    for n in (384, 384, 256):
        x = L.ReLU()(L.Conv2D(int(n * width), 3, padding="same")(x))
    x = L.Flatten()(L.MaxPooling2D(3, 2)(x))
    for _ in range(2):
        x = L.Dense(int(4096 * width), activation="relu")(x)
    return keras.Model(inputs, L.Dense(classes, activation="softmax")(x))
""",
    },
}
